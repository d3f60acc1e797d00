import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../lab/host.ts';
import type { Lab } from '../lab/lab.ts';
import type { Program } from '../lab/program.ts';
import type { LargeFile } from './large-file.ts';

/** Serves HTTP on these ports unless told otherwise. */
export const HTTP_PORTS = [80, 8080] as const;

export interface NginxOptions {
  readonly ports?: readonly number[];
  /** Served at /large. */
  readonly largeFile?: LargeFile;
  /** Serves HTTPS with it; PEM. */
  readonly certificate?: { readonly cert: string; readonly key: string };
  /** What it calls itself; the host's name unless given. */
  readonly name?: string;
}

/** Starts an nginx that answers any request with `NAME CLIENT-ADDRESS`, whatever address it comes to. */
export async function startNginx(lab: Lab, host: Host, options: NginxOptions = {}): Promise<Program> {
  const { ports = HTTP_PORTS, certificate } = options;
  const directory = join(lab.directory, `nginx-${host.name}-${ports.join('-')}`);
  // There already where one was here before.
  await mkdir(directory, { recursive: true });
  const file = join(directory, 'nginx.conf');
  await writeFile(file, configuration(directory, host.name, options));
  if (certificate !== undefined) {
    await writeFile(join(directory, 'tls.pem'), certificate.cert);
    await writeFile(join(directory, 'tls.key'), certificate.key);
  }
  return host.startServer(['nginx', '-c', file], 'tcp', ports);
}

function configuration(
  directory: string,
  host: string,
  { ports = HTTP_PORTS, largeFile, certificate, name = host }: NginxOptions,
): string {
  const tls = certificate === undefined ? '' : 'ssl ';
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  // One process, so that its end is the end of all; as root, because only root reads the lab's directory.
  return `
    user root;
    daemon off;
    master_process off;
    pid ${directory}/pid;
    error_log stderr;
    events { worker_connections 4096; }
    http {
      access_log off;
      sendfile on;
      keepalive_requests 1000000;
      keepalive_timeout 600s;
      ${temporary.map((kind) => `${kind}_temp_path ${directory};`).join(' ')}
      server {
        ${ports.map((port) => `listen ${port} ${tls}backlog=4096; listen [::]:${port} ${tls}backlog=4096;`).join(' ')}
        ${tls && `ssl_certificate ${directory}/tls.pem; ssl_certificate_key ${directory}/tls.key;`}
        location / { default_type text/plain; return 200 "${name} $remote_addr\\n"; }
        ${largeFile === undefined ? '' : `location = /large { alias ${largeFile.path}; }`}
      }
    }`;
}
