import { type IpAddress, parseIpAddress } from '../model/address.ts';
import type { Names } from './names.ts';
import { ServiceDatabase } from './service-database.ts';

/** {@link Names} of this machine: getaddrinfo(3), getnameinfo(3) and /etc/services. */
export function systemNames(): Names {
  const services = new ServiceDatabase();
  return {
    hostName,
    hostAddress,
    serviceName: (port, protocol) => services.name(port, protocol),
    servicePort: (name, protocol) => services.port(name, protocol),
  };
}

async function hostName(address: IpAddress): Promise<string | undefined> {
  try {
    const { lookupService } = await import('node:dns/promises');
    const { hostname } = await lookupService(address, 0);
    return hostname === address ? undefined : hostname;
  } catch {
    return undefined;
  }
}

async function hostAddress(name: string): Promise<IpAddress | undefined> {
  // numbers that are no IPv4 address: gethostbyname(3) asks nobody about them, dns.lookup would ask or take IPv6
  if (/^[0-9.]*$/.test(name) || name.includes(':')) return undefined;
  try {
    const { lookup } = await import('node:dns/promises');
    return parseIpAddress((await lookup(name, { family: 4 })).address);
  } catch {
    return undefined;
  }
}
