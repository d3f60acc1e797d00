import type { IpAddress } from '../model/address.ts';
import type { Protocol } from '../model/service.ts';

/** The system's name databases: hosts and DNS, and services(5). */
export interface Names {
  /** The name of an address, or undefined where it has none. */
  hostName(address: IpAddress): Promise<string | undefined>;
  /** The first IPv4 address of a host name, or undefined. */
  hostAddress(name: string): Promise<IpAddress | undefined>;
  /** The name of a port, or undefined where it has none. */
  serviceName(port: number, protocol: Protocol): string | undefined;
  /** The port of a service name or alias, or undefined. */
  servicePort(name: string, protocol: Protocol): number | undefined;
}
