import { serverAddress } from '../../test/netns/lab/address.ts';

/** What clients ask, and what servers have as their gateway: addresses that the master has. */
export const VIRTUAL_ADDRESS = '192.0.2.10';
export const GATEWAY = '10.2.0.254';
/** Of files by HTTP, and of a server that sends back what it is told. */
export const PORTS = { file: 80, echo: 7000 } as const;

/** The vipr.yaml of a director of this priority. */
export function configuration(priority: number): string {
  const service = (port: number): string =>
    `  - service: tcp ${VIRTUAL_ADDRESS}:${port}\n    scheduler: rr\n    destinations:\n${[1, 2, 3]
      .map((number) => `      - address: ${serverAddress('inet', number)}:${port}\n`)
      .join('')}`;
  return `engine: ebpf
ebpf: { attach: tc, connections: 16384 }
vrrp:
  instances:
    - name: front              # where clients are
      interface: eth0
      id: 51
      priority: ${priority}
      addresses: [${VIRTUAL_ADDRESS}/32]
    - name: lan                # where servers are: their gateway
      interface: eth1
      id: 52
      priority: ${priority}
      addresses: [${GATEWAY}/24]
  groups:
    - { name: pair, instances: [front, lan] }
sync:                          # the master tells the other one of every connection
  - { follow: front, interface: eth1 }
services:
${service(PORTS.file)}${service(PORTS.echo)}`;
}
