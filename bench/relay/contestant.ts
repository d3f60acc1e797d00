import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ProcessGroup } from '../process-group.ts';
import { ORIGIN_BULK, ORIGIN_HTTP } from './ports.ts';

/** A program that contestants TCP, under measurement. */
export interface Contestant {
  readonly name: string;
  /** Ports of 127.0.0.1 that it contestants to the HTTP and to the bulk origin. */
  readonly http: number;
  readonly bulk: number;
  start(directory: string, workers: number): Promise<ProcessGroup>;
}

/** Where Debian puts nginx's stream module when it is not compiled in. */
const STREAM_MODULE = '/usr/lib/nginx/modules/ngx_stream_module.so';

const nginx: Contestant = {
  name: 'nginx',
  http: 19_011,
  bulk: 19_012,
  start(directory, workers) {
    const file = join(directory, 'nginx.conf');
    const module = existsSync(STREAM_MODULE) ? `load_module ${STREAM_MODULE};` : '';
    writeFileSync(
      file,
      `${module} worker_processes ${workers}; daemon off; pid ${directory}/nginx.pid; error_log ${directory}/nginx.log;
worker_rlimit_nofile 65536;
events { worker_connections 30000; }
stream {
  server { listen 127.0.0.1:${this.http} backlog=65535; proxy_pass 127.0.0.1:${ORIGIN_HTTP}; }
  server { listen 127.0.0.1:${this.bulk}; proxy_pass 127.0.0.1:${ORIGIN_BULK}; }
}
`,
    );
    return ProcessGroup.start('nginx', ['-c', file], this.http);
  },
};

const haproxy: Contestant = {
  name: 'haproxy',
  http: 19_021,
  bulk: 19_022,
  start(directory, workers) {
    const file = join(directory, 'haproxy.cfg');
    writeFileSync(
      file,
      `global
  nbthread ${workers}
  maxconn 9900
defaults
  mode tcp
  timeout connect 5s
  timeout client 900s
  timeout server 900s
listen http
  bind 127.0.0.1:${this.http} backlog 65535
  server origin 127.0.0.1:${ORIGIN_HTTP}
listen bulk
  bind 127.0.0.1:${this.bulk}
  server origin 127.0.0.1:${ORIGIN_BULK}
`,
    );
    return ProcessGroup.start('haproxy', ['-q', '-db', '-f', file], this.http);
  },
};

const vipr: Contestant = {
  name: 'vipr',
  http: 19_031,
  bulk: 19_032,
  start(directory, workers) {
    const file = join(directory, 'vipr.yaml');
    writeFileSync(
      file,
      `engine: relay
workers: ${workers}
services:
  - service: tcp 127.0.0.1:${this.http}
    destinations: [{ address: '127.0.0.1:${ORIGIN_HTTP}', method: masquerade }]
  - service: tcp 127.0.0.1:${this.bulk}
    destinations: [{ address: '127.0.0.1:${ORIGIN_BULK}', method: masquerade }]
`,
    );
    const program = fileURLToPath(new URL('../../bin/vipr', import.meta.url));
    const args = ['up', '--config', file, '--socket', join(directory, 'vipr.sock'), '--drain', '0'];
    return ProcessGroup.start(program, args, this.http);
  },
};

/** nginx first: the others are compared with it. */
export const contestants: readonly Contestant[] = [nginx, haproxy, vipr];
