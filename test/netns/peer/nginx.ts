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
}

/** Starts an nginx that answers any request with `HOST CLIENT-ADDRESS`, whatever address it comes to. */
export async function startNginx(lab: Lab, host: Host, options: NginxOptions = {}): Promise<Program> {
  const { ports = HTTP_PORTS, largeFile } = options;
  const directory = join(lab.directory, `nginx-${host.name}-${ports.join('-')}`);
  await mkdir(directory);
  const file = join(directory, 'nginx.conf');
  await writeFile(file, configuration(directory, host.name, ports, largeFile));
  return host.startServer(['nginx', '-c', file], 'tcp', ports);
}

function configuration(
  directory: string,
  name: string,
  ports: readonly number[],
  largeFile: LargeFile | undefined,
): string {
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
      ${temporary.map((kind) => `${kind}_temp_path ${directory};`).join(' ')}
      server {
        ${ports.map((port) => `listen ${port} backlog=4096; listen [::]:${port} backlog=4096;`).join(' ')}
        location / { default_type text/plain; return 200 "${name} $remote_addr\\n"; }
        ${largeFile === undefined ? '' : `location = /large { alias ${largeFile.path}; }`}
      }
    }`;
}
