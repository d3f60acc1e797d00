import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Kernel settings by their path below /proc/sys, such as `net/ipv4/conf/eth0.10/arp_ignore`. */
export class Sysctls {
  readonly #root: string;

  constructor(root = '/proc/sys') {
    this.#root = root;
  }

  /** Undefined where the kernel has no such setting. */
  read(path: string): string | undefined {
    try {
      return readFileSync(join(this.#root, path), 'utf8').trim();
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** A number; `otherwise` where there is none. */
  number(path: string, otherwise: number): number {
    const text = this.read(path);
    return text === undefined || !/^-?\d+$/.test(text) ? otherwise : Number(text);
  }

  /** Needs CAP_NET_ADMIN for settings of the network. */
  write(path: string, value: string): void {
    writeFileSync(join(this.#root, path), value);
  }
}

/** As sysctl(8) takes it: with dots, unless a name in it has dots of its own. */
export function sysctlName(path: string): string {
  return path.includes('.') ? path : path.replaceAll('/', '.');
}
