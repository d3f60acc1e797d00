import { readFileSync } from 'node:fs';
import { addressBytes, type IpAddress } from '../../model/address.ts';

/** What the kernel asks its routing and its devices before it takes a destination or starts a daemon. */
export interface TableEnvironment {
  /** Only `unicast` and `local` addresses can be destinations. */
  classify(address: IpAddress): AddressClass;
  /** MTU of a network interface in bytes, or undefined where there is no such interface. */
  interfaceMtu(name: string): number | undefined;
}

/** What a host's routing makes of an address: another host's, its own, or neither (multicast, broadcast). */
export type AddressClass = 'unicast' | 'local' | 'other';

/** What stands in for the host's own interfaces and routes, in tests above all. */
export interface HostEnvironmentOptions {
  /** MTU by name of interface; the host's own interfaces where absent. */
  readonly interfaces?: ReadonlyMap<string, number>;
  /**
   * Every IPv6 address counts as local, as on a host whose only IPv6 route goes to loopback: IPVS takes even link-local
   * and multicast destinations there.
   */
  readonly inet6Loopback?: boolean;
}

/** Judges addresses by their form alone and interfaces by sysfs. */
export class HostEnvironment implements TableEnvironment {
  readonly #interfaces: ReadonlyMap<string, number> | undefined;
  readonly #inet6Loopback: boolean;

  constructor(options: HostEnvironmentOptions = {}) {
    this.#interfaces = options.interfaces;
    this.#inet6Loopback = options.inet6Loopback ?? false;
  }

  classify(address: IpAddress): AddressClass {
    const bytes = addressBytes(address);
    if (bytes.length === 4) return classifyInet(bytes);
    return this.#inet6Loopback ? 'local' : classifyInet6(bytes);
  }

  interfaceMtu(name: string): number | undefined {
    return this.#interfaces === undefined ? systemInterfaceMtu(name) : this.#interfaces.get(name);
  }
}

/** net/ipv4/fib_frontend.c, __inet_dev_addr_type: zero network, limited broadcast and multicast never are unicast. */
function classifyInet(bytes: Uint8Array): AddressClass {
  const first = bytes[0] ?? 0;
  if (first === 127) return 'local';
  if (first === 0 || (first >= 224 && first < 240)) return 'other';
  return bytes.every((byte) => byte === 255) ? 'other' : 'unicast';
}

/** net/ipv6/addrconf_core.c, __ipv6_addr_type, and ip_vs_ctl.c, ip_vs_new_dest. */
function classifyInet6(bytes: Uint8Array): AddressClass {
  const first = bytes[0] ?? 0;
  const linkLocal = first === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80;
  if (first === 0xff || linkLocal) return 'other';
  if (bytes.subarray(0, 10).some((byte) => byte !== 0)) return 'unicast';
  if (bytes[10] === 0xff && bytes[11] === 0xff) return 'other';
  if (bytes.subarray(10, 15).some((byte) => byte !== 0)) return 'unicast';
  return bytes[15] === 1 ? 'local' : bytes[15] === 0 ? 'other' : 'unicast';
}

function systemInterfaceMtu(name: string): number | undefined {
  if (name === '' || name === '.' || name === '..' || name.includes('/')) return undefined;
  try {
    return Number(readFileSync(`/sys/class/net/${name}/mtu`, 'utf8'));
  } catch {
    return undefined;
  }
}
