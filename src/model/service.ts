import { type Family, familyOf, type IpAddress } from './address.ts';
import type { Brand } from './brand.ts';
import type { Destination } from './destination.ts';
import type { FirewallMark, Port, PrefixLength, Seconds } from './unit.ts';

/** Protocols that a virtual service can balance. */
export type Protocol = 'tcp' | 'udp' | 'sctp';

/** What identifies a virtual service: VIP, protocol and port, or a firewall mark of one family. */
export type ServiceId =
  | {
      readonly kind: 'address';
      readonly protocol: Protocol;
      readonly address: IpAddress;
      readonly port: Port;
    }
  | { readonly kind: 'fwmark'; readonly fwmark: FirewallMark; readonly family: Family };

/** A {@link ServiceId} as one string, for maps: `tcp 192.0.2.10:80`, `udp [2001:db8::1]:53`, `fwmark 3 inet6`. */
export type ServiceKey = Brand<string, 'ServiceKey'>;

/** The scheduler flags of a service (IP_VS_SVC_F_SCHED1 to 3): sh and mh read 1 as fallback, 2 as port. */
export interface SchedulerFlags {
  readonly flag1: boolean;
  readonly flag2: boolean;
  readonly flag3: boolean;
}

/** No flag set, as without `-b`. */
export const NO_SCHEDULER_FLAGS: SchedulerFlags = { flag1: false, flag2: false, flag3: false };

/** Everything about a virtual service but its identity and its destinations. */
export interface ServiceSettings {
  /** Scheduler name as in `-s`; `none` schedules nothing. */
  readonly scheduler: string;
  readonly schedulerFlags: SchedulerFlags;
  /** Seconds that a client stays with its server; absent where the service is not persistent. */
  readonly persistenceTimeout?: Seconds;
  /**
   * The bits of a client's address by which persistence tells clients apart: an IPv4 netmask (any bits: IPVS accepts
   * masks with holes) or an IPv6 prefix length. 255.255.255.255 and 128 are single hosts. Kept also where the service is
   * not persistent, as the kernel does.
   */
  readonly persistenceNetmask: IpAddress | PrefixLength;
  /** Persistence engine (`sip`), if any. */
  readonly persistenceEngine?: string;
  /** One-packet scheduling: each datagram is scheduled anew. */
  readonly onePacket: boolean;
}

/** A virtual service with its destinations, the newest first, as IPVS keeps them. */
export interface Service extends ServiceSettings {
  readonly id: ServiceId;
  readonly destinations: readonly Destination[];
}

/** The {@link ServiceId} as a string, for maps and messages; `parseServiceKey` reads it back. */
export function serviceKey(id: ServiceId): ServiceKey {
  switch (id.kind) {
    case 'address':
      return `${id.protocol} ${hostPort(id.address, id.port)}` as ServiceKey;
    case 'fwmark':
      return `fwmark ${id.fwmark} ${id.family}` as ServiceKey;
  }
}

/** The address family of a service's clients. */
export function serviceFamily(id: ServiceId): Family {
  return id.kind === 'fwmark' ? id.family : familyOf(id.address);
}

/** `192.0.2.10:80` or `[2001:db8::10]:80`. */
export function hostPort(address: IpAddress, port: Port): string {
  return familyOf(address) === 'inet6' ? `[${address}]:${port}` : `${address}:${port}`;
}
