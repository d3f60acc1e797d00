import { familyOf, type IpAddress } from '../../model/address.ts';
import type { Protocol, ServiceId } from '../../model/service.ts';
import type { Names } from '../names.ts';

/** How addresses and ports are written: as numbers, or by their names. */
export interface Labels {
  /** To be called for addresses before {@link address} is. */
  prepare(addresses: Iterable<IpAddress>): Promise<void>;
  address(address: IpAddress): string;
  /** Without a protocol a port has no name. */
  port(port: number, protocol: Protocol | undefined): string;
}

export const NUMERIC_LABELS: Labels = {
  prepare: () => Promise.resolve(),
  address: (address) => address,
  port: (port) => `${port}`,
};

/** Labels by name; each address is looked up once; what has no name stays a number. */
export class NamedLabels implements Labels {
  readonly #names: Names;
  readonly #hosts = new Map<IpAddress, string>();

  constructor(names: Names) {
    this.#names = names;
  }

  async prepare(addresses: Iterable<IpAddress>): Promise<void> {
    const fresh = Array.from(new Set(addresses)).filter((address) => !this.#hosts.has(address));
    await Promise.all(
      fresh.map(async (address) => {
        this.#hosts.set(address, (await this.#names.hostName(address)) ?? address);
      }),
    );
  }

  address(address: IpAddress): string {
    return this.#hosts.get(address) ?? address;
  }

  port(port: number, protocol: Protocol | undefined): string {
    const name = protocol === undefined ? undefined : this.#names.serviceName(port, protocol);
    return name ?? `${port}`;
  }
}

/** Longest endpoint that the original prints. */
const LONGEST_ENDPOINT = 59;

/** `www.example.test:http`, `192.0.2.10:80` or `[2001:db8::10]:80`, at most 59 characters. */
export function formatEndpoint(
  address: IpAddress,
  port: number,
  protocol: Protocol | undefined,
  labels: Labels,
): string {
  const whole = formatWholeEndpoint(address, port, protocol, labels);
  return whole.length > LONGEST_ENDPOINT ? whole.slice(0, LONGEST_ENDPOINT) : whole;
}

/** The same uncut, for what is to be read back. */
export function formatWholeEndpoint(
  address: IpAddress,
  port: number,
  protocol: Protocol | undefined,
  labels: Labels,
): string {
  const host = labels.address(address);
  const bracketed = familyOf(address) === 'inet6' ? `[${host}]` : host;
  return `${bracketed}:${labels.port(port, protocol)}`;
}

/** The protocol by which ports of a service and its destinations are named; none with firewall marks. */
export function namingProtocol(id: ServiceId): Protocol | undefined {
  return id.kind === 'address' ? id.protocol : undefined;
}
