import type { Names } from '../../src/ipvsadm/names.ts';
import type { IpAddress } from '../../src/model/address.ts';

const PORTS: ReadonlyMap<string, number> = new Map([
  ['ftp/tcp', 21],
  ['domain/tcp', 53],
  ['domain/udp', 53],
  ['http/tcp', 80],
  ['https/tcp', 443],
  ['https/udp', 443],
  ['sip/tcp', 5060],
  ['sip/udp', 5060],
  ['http-alt/tcp', 8080],
  ['http-alt/udp', 8080],
]);

/** Names that do not depend on the machine: the hosts given, and the services that transcripts show. */
export function fixedNames(hosts: ReadonlyMap<string, string> = new Map()): Names {
  const services = new Map(
    Array.from(PORTS, ([key, port]) => [`${port}/${key.split('/')[1]}`, key.split('/')[0]]),
  );
  const addresses = new Map(Array.from(hosts, ([address, name]) => [name, address]));
  return {
    hostName: async (address) => hosts.get(address),
    hostAddress: async (name) => addresses.get(name) as IpAddress | undefined,
    serviceName: (port, protocol) => services.get(`${port}/${protocol}`),
    servicePort: (name, protocol) => PORTS.get(`${name}/${protocol}`),
  };
}
