import { addressFromBytes, type Family, type IpAddress } from '../../../model/address.ts';
import type { DaemonRole, SyncDaemonSettings } from '../../../model/daemon.ts';
import type { Destination, DestinationId, ForwardingMethod, Tunnel } from '../../../model/destination.ts';
import type { Protocol, ServiceId, ServiceSettings } from '../../../model/service.ts';
import type { FirewallMark, Port, PrefixLength, Seconds, Weight } from '../../../model/unit.ts';
import { AttributeReader } from '../../../netlink/attribute-reader.ts';
import type { ByteRange } from '../../../netlink/byte-range.ts';
import { CMD_ATTR, DAEMON_ATTR, DEST_ATTR, SVC_ATTR, SVC_FLAG } from '../ipvs-message.ts';
import { type Errno, KernelRefusal } from './kernel-refusal.ts';

/*
 * The kernel's side of the requests (ip_vs_ctl.c, ip_vs_genl_parse_service and its neighbours): it reads attributes as the
 * kernel does, in its order of checks, and shares no code with the codec that it is to test.
 */

/** Values by the number of their attribute; the last of several counts. */
export type Attributes = ReadonlyMap<number, Uint8Array>;

export function attributesOf(range: ByteRange, skip = 0, errno: Errno = 'EINVAL'): Attributes {
  const reader = new AttributeReader(range, skip);
  const attributes = new Map<number, Uint8Array>();
  while (reader.next()) attributes.set(reader.type, reader.bytes());
  if (reader.error !== undefined) throw new KernelRefusal(errno);
  return attributes;
}

export function nestOf(attributes: Attributes, type: number): Attributes {
  const value = attributes.get(type);
  if (value === undefined) throw new KernelRefusal('EINVAL');
  return attributesOf({ view: new DataView(value.buffer, value.byteOffset), start: 0, end: value.length });
}

export function parseServiceId(top: Attributes, inet6: boolean): ServiceId {
  const service = nestOf(top, CMD_ATTR.SERVICE);
  checkStrings(service, [
    [SVC_ATTR.SCHED_NAME, 15],
    [SVC_ATTR.PE_NAME, 16],
  ]);
  const number = u16(service, SVC_ATTR.AF);
  const mark = service.has(SVC_ATTR.FWMARK) ? u32(service, SVC_ATTR.FWMARK) : undefined;
  if (
    mark === undefined &&
    [SVC_ATTR.PROTOCOL, SVC_ATTR.ADDR, SVC_ATTR.PORT].some((type) => !service.has(type))
  ) {
    throw new KernelRefusal('EINVAL');
  }
  const family = familyOf(number, inet6);
  if (mark) return { kind: 'fwmark', fwmark: mark as FirewallMark, family };
  if (mark === 0) {
    return { kind: 'address', protocol: 'tcp', address: union(new Uint8Array(0), family), port: 0 as Port };
  }
  return {
    kind: 'address',
    protocol: protocolOf(u16(service, SVC_ATTR.PROTOCOL)),
    address: union(value(service, SVC_ATTR.ADDR), family),
    port: be16(service, SVC_ATTR.PORT) as Port,
  };
}

/** `before`: the flags that the service has. */
export function parseServiceSettings(top: Attributes, family: Family, before: number): ServiceSettings {
  const service = nestOf(top, CMD_ATTR.SERVICE);
  const words = value(service, SVC_ATTR.FLAGS);
  const [wanted = 0, mask = 0] = [word(words, 0), word(words, 4)];
  const flags = (before & ~mask) | (wanted & mask);
  const timeout = u32(service, SVC_ATTR.TIMEOUT) as Seconds;
  const netmask = value(service, SVC_ATTR.NETMASK);
  const persistenceEngine = service.has(SVC_ATTR.PE_NAME) ? text(service, SVC_ATTR.PE_NAME) : '';
  return {
    scheduler: text(service, SVC_ATTR.SCHED_NAME),
    schedulerFlags: {
      flag1: (flags & SVC_FLAG.SCHED1) !== 0,
      flag2: (flags & SVC_FLAG.SCHED2) !== 0,
      flag3: (flags & SVC_FLAG.SCHED3) !== 0,
    },
    ...((flags & SVC_FLAG.PERSISTENT) === 0 ? {} : { persistenceTimeout: timeout }),
    persistenceNetmask: family === 'inet' ? addressFromBytes(netmask) : (word(netmask, 0) as PrefixLength),
    ...(persistenceEngine === '' ? {} : { persistenceEngine }),
    onePacket: (flags & SVC_FLAG.ONEPACKET) !== 0,
  };
}

export function parseDestinationId(top: Attributes, serviceFamily: Family, inet6: boolean): DestinationId {
  const destination = nestOf(top, CMD_ATTR.DEST);
  const [address, port] = [value(destination, DEST_ATTR.ADDR), be16(destination, DEST_ATTR.PORT)];
  const number = destination.has(DEST_ATTR.ADDR_FAMILY) ? u16(destination, DEST_ATTR.ADDR_FAMILY) : 0;
  const family = number === 0 ? serviceFamily : familyOf(number, inet6);
  return { address: union(address, family), port: port as Port };
}

export function parseDestination(top: Attributes, serviceFamily: Family, inet6: boolean): Destination {
  const destination = nestOf(top, CMD_ATTR.DEST);
  const [forwarding, weight, upperThreshold, lowerThreshold] = [
    u32(destination, DEST_ATTR.FWD_METHOD),
    u32(destination, DEST_ATTR.WEIGHT) | 0,
    u32(destination, DEST_ATTR.U_THRESH),
    u32(destination, DEST_ATTR.L_THRESH),
  ];
  return {
    ...parseDestinationId(top, serviceFamily, inet6),
    forwarding: FORWARDING[forwarding & 7] ?? 'bypass',
    weight: weight as Weight,
    upperThreshold,
    lowerThreshold,
    tunnel: {
      type: TUNNELS[destination.get(DEST_ATTR.TUN_TYPE)?.[0] ?? 0] ?? 'ipip',
      port: (destination.has(DEST_ATTR.TUN_PORT) ? be16(destination, DEST_ATTR.TUN_PORT) : 0) as Port,
      checksum:
        CHECKSUMS[destination.has(DEST_ATTR.TUN_FLAGS) ? u16(destination, DEST_ATTR.TUN_FLAGS) : 0] ?? 'none',
    },
  };
}

const FORWARDING: readonly ForwardingMethod[] = ['masquerade', 'local', 'tunnel', 'direct', 'bypass'];
const TUNNELS: readonly Tunnel['type'][] = ['ipip', 'gue', 'gre'];
const CHECKSUMS: readonly Tunnel['checksum'][] = ['none', 'checksum', 'remote'];

export function parseDaemon(top: Attributes): SyncDaemonSettings {
  const daemon = nestOf(top, CMD_ATTR.DAEMON);
  checkStrings(daemon, [[DAEMON_ATTR.MCAST_IFN, 15]]);
  const [name, syncId] = [text(daemon, DAEMON_ATTR.MCAST_IFN), u32(daemon, DAEMON_ATTR.SYNC_ID)];
  const role = roleOf(daemon);
  const group = daemon.get(DAEMON_ATTR.MCAST_GROUP) ?? daemon.get(DAEMON_ATTR.MCAST_GROUP6);
  return {
    role,
    interface: name,
    syncId,
    ...(daemon.has(DAEMON_ATTR.SYNC_MAXLEN) ? { maxLength: u16(daemon, DAEMON_ATTR.SYNC_MAXLEN) } : {}),
    ...(group === undefined ? {} : { group: addressFromBytes(group) }),
    ...(daemon.has(DAEMON_ATTR.MCAST_PORT) ? { port: u16(daemon, DAEMON_ATTR.MCAST_PORT) as Port } : {}),
    ...(daemon.has(DAEMON_ATTR.MCAST_TTL) ? { ttl: daemon.get(DAEMON_ATTR.MCAST_TTL)?.[0] ?? 0 } : {}),
  };
}

export function parseDaemonRole(top: Attributes): DaemonRole {
  return roleOf(nestOf(top, CMD_ATTR.DAEMON));
}

/** A timeout at the top level, where a wrong size is ERANGE; 0 where it is absent. */
export function parseTimeout(top: Attributes, type: number): Seconds {
  const bytes = top.get(type);
  if (bytes !== undefined && bytes.length < 4) throw new KernelRefusal('ERANGE');
  return (bytes === undefined ? 0 : word(bytes, 0) | 0) as Seconds;
}

function roleOf(daemon: Attributes): DaemonRole {
  const state = u32(daemon, DAEMON_ATTR.STATE);
  if (state === 1) return 'master';
  if (state === 2) return 'backup';
  throw new KernelRefusal('EINVAL');
}

function familyOf(number: number, inet6: boolean): Family {
  if (number === 2) return 'inet';
  if (number === 10 && inet6) return 'inet6';
  throw new KernelRefusal('EAFNOSUPPORT');
}

/** Any number is a protocol to the kernel; the table behind the fake knows three. */
function protocolOf(number: number): Protocol {
  if (number === 6) return 'tcp';
  if (number === 17) return 'udp';
  if (number === 132) return 'sctp';
  throw new KernelRefusal('EINVAL');
}

function union(bytes: Uint8Array, family: Family): IpAddress {
  if (bytes.length > 16) throw new KernelRefusal('EINVAL');
  const whole = new Uint8Array(16);
  whole.set(bytes);
  return addressFromBytes(family === 'inet' ? whole.subarray(0, 4) : whole);
}

function checkStrings(attributes: Attributes, limits: readonly (readonly [number, number])[]): void {
  for (const [type, longest] of limits) {
    if (attributes.has(type) && Buffer.byteLength(text(attributes, type)) > longest) {
      throw new KernelRefusal('EINVAL');
    }
  }
}

function value(attributes: Attributes, type: number, bytes = 0): Uint8Array {
  const found = attributes.get(type);
  if (found === undefined || found.length < bytes) throw new KernelRefusal('EINVAL');
  return found;
}

function text(attributes: Attributes, type: number): string {
  const bytes = Buffer.from(value(attributes, type));
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

function u16(attributes: Attributes, type: number): number {
  const bytes = value(attributes, type, 2);
  return (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
}

function be16(attributes: Attributes, type: number): number {
  const bytes = value(attributes, type, 2);
  return ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
}

function u32(attributes: Attributes, type: number): number {
  return word(value(attributes, type, 4), 0);
}

/** 32 bits in the order of x86 and arm; zeros where the value ends. */
function word(bytes: Uint8Array, at: number): number {
  const whole = new Uint8Array(4);
  whole.set(bytes.subarray(at, at + 4));
  return new DataView(whole.buffer).getUint32(0, true);
}
