import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProcessGroup } from '../process-group.ts';
import { ORIGIN_BULK, ORIGIN_HTTP } from './ports.ts';

/** What stands behind every proxy: nginx with one worker for requests, iperf3 for bulk data. */
export async function startOrigins(directory: string): Promise<ProcessGroup[]> {
  const file = join(directory, 'origin.conf');
  writeFileSync(
    file,
    `worker_processes 1; daemon off; pid ${directory}/origin.pid; error_log ${directory}/origin.log;
worker_rlimit_nofile 65536;
events { worker_connections 30000; }
http {
  access_log off; keepalive_requests 100000000; keepalive_timeout 600s; client_header_timeout 600s;
  client_body_temp_path ${directory}; proxy_temp_path ${directory}; fastcgi_temp_path ${directory};
  uwsgi_temp_path ${directory}; scgi_temp_path ${directory};
  server { listen 127.0.0.1:${ORIGIN_HTTP} backlog=65535; location / { return 200 "${'vipr '.repeat(20)}\\n"; } }
}
`,
  );
  return [
    await ProcessGroup.start('nginx', ['-c', file], ORIGIN_HTTP),
    await ProcessGroup.start('iperf3', ['-s', '-B', '127.0.0.1', '-p', `${ORIGIN_BULK}`], ORIGIN_BULK),
  ];
}
