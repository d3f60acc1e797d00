import type { Host } from '../lab/host.ts';
import type { Program } from '../lab/program.ts';
import { startUnpackedServer } from './unpacked-server.ts';

/** The name that it knows, and its address. */
export const KNOWN_NAME = { name: 'service.example', address: '192.0.2.99' } as const;

/** The DNS server of Debian's dnsmasq-base on port 53 of the host, which knows one name and asks nobody. */
export function startDnsmasq(host: Host): Promise<Program> {
  const { name, address } = KNOWN_NAME;
  return startUnpackedServer(host, {
    package: 'dnsmasq-base',
    program: 'usr/sbin/dnsmasq',
    args: [
      ...['--keep-in-foreground', '--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--pid-file='],
      ...['--user=root', `--address=/${name}/${address}`, '--local=/example/'],
    ],
    protocol: 'udp',
    port: 53,
  });
}
