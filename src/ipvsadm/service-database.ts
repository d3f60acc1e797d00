import { readFileSync } from 'node:fs';

/** services(5), read once when first asked: ports by name or alias, names by port; the first line of several wins. */
export class ServiceDatabase {
  readonly #path: string;
  #ports: Map<string, number> | undefined;
  #names = new Map<string, string>();

  constructor(path = '/etc/services') {
    this.#path = path;
  }

  port(name: string, protocol: string): number | undefined {
    return this.#load().get(`${name}/${protocol}`);
  }

  name(port: number, protocol: string): string | undefined {
    this.#load();
    return this.#names.get(`${port}/${protocol}`);
  }

  #load(): Map<string, number> {
    if (this.#ports !== undefined) return this.#ports;
    const ports = new Map<string, number>();
    for (const line of readIfThere(this.#path).split('\n')) {
      const [name, entry, ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/);
      const [port, protocol] = entry?.split('/') ?? [];
      if (name === undefined || protocol === undefined || !/^[0-9]+$/.test(port ?? '')) continue;
      const key = `${Number(port)}/${protocol}`;
      if (!this.#names.has(key)) this.#names.set(key, name);
      for (const known of [name, ...aliases]) {
        if (!ports.has(`${known}/${protocol}`)) ports.set(`${known}/${protocol}`, Number(port));
      }
    }
    this.#ports = ports;
    return ports;
  }
}

/** A system without the file knows no service names. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
