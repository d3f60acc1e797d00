import { FAMILIES, serverAddress, VIRTUAL_ADDRESSES } from '../lab/address.ts';
import type { Host } from '../lab/host.ts';
import type { Program } from '../lab/program.ts';

const SCRIPT = new URL('./udp-server-process.ts', import.meta.url).pathname;

export interface UdpServerOptions {
  /** 53 unless given. */
  readonly port?: number;
  /** What it is bound to; answers come from there. The server's own addresses and the first VIPs unless given. */
  readonly addresses?: readonly string[];
}

/** Starts a server that answers each datagram `TEXT` with `HOST CLIENT-ADDRESS:PORT TEXT`. */
export function startUdpServer(host: Host, options: UdpServerOptions = {}): Promise<Program> {
  const number = Number(host.name.replace(/\D/g, ''));
  const own = FAMILIES.flatMap((family) => [serverAddress(family, number), VIRTUAL_ADDRESSES[family]]);
  const { port = 53, addresses = own } = options;
  return host.startServer([process.execPath, SCRIPT, host.name, `${port}`, ...addresses], 'udp', [port]);
}
