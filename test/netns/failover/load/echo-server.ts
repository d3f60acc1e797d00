import type { Host } from '../../lab/host.ts';
import type { Program } from '../../lab/program.ts';

const SCRIPT = new URL('./echo-server-process.ts', import.meta.url).pathname;

/** Starts a server that sends back what comes, whatever address it comes to. */
export function startEchoServer(host: Host, port: number): Promise<Program> {
  return host.startServer([process.execPath, SCRIPT, `${port}`], 'tcp', [port]);
}
