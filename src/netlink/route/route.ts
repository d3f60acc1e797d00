import { AttributeReader } from '../attribute-reader.ts';
import { align, type ByteRange, HOST_LITTLE_ENDIAN } from '../byte-range.ts';
import type { NetlinkMessage } from '../message.ts';
import { malformed } from '../netlink-error.ts';
import type { NetlinkWriter } from '../netlink-writer.ts';
import {
  addressText,
  bytesOfAddress,
  familyOfAddress,
  type IpPrefix,
  readAddress,
  writeAddress,
} from './ip-address.ts';
import { AF_NUMBER, type IpFamily, ipFamilyOf } from './route-message.ts';

/** What becomes of packets that take the route (linux/rtnetlink.h, RTN_*). */
export type RouteType = (typeof ROUTE_TYPES)[number];

/** One way out. */
export interface NextHop {
  /** Index of the interface. */
  readonly index?: number;
  /** Absent for hosts on the link itself. */
  readonly gateway?: string;
  /** Share among several ways, 1 to 256; 1 where absent. */
  readonly weight?: number;
}

/** A route. */
export interface Route extends NextHop {
  readonly family: IpFamily;
  readonly type: RouteType;
  /** The default route where absent. */
  readonly destination?: IpPrefix;
  /** The address that own packets on this route carry. */
  readonly preferredSource?: string;
  /** The lower one goes before. */
  readonly metric?: number;
  /** RT_TABLE_ number: 254 is `main`, 255 `local`. */
  readonly table: number;
  /** RTPROT_ number of who made it: 2 the kernel, 3 at boot, 4 an administrator. */
  readonly protocol: number;
  /** RT_SCOPE_ number. */
  readonly scope: number;
  /** Bytes, where the route has its own. */
  readonly mtu?: number;
  /** Ways to share between, where there are several. */
  readonly nextHops?: readonly NextHop[];
}

/** A route to be added, or what names one to delete. */
export interface RouteSettings extends NextHop {
  /** Needed for a default route without a gateway; else it follows from an address. */
  readonly family?: IpFamily;
  readonly type?: RouteType;
  readonly destination?: IpPrefix;
  readonly preferredSource?: string;
  readonly metric?: number;
  readonly table?: number;
  readonly protocol?: number;
  readonly scope?: number;
  readonly nextHops?: readonly NextHop[];
}

/** Which routes to list. */
export interface RouteFilter {
  readonly family?: IpFamily;
  readonly table?: number;
  /** Index of the outgoing interface. */
  readonly index?: number;
}

/** linux/rtnetlink.h */
export const RT_TABLE_MAIN = 254;
export const RTPROT_STATIC = 4;
export const RT_SCOPE_UNIVERSE = 0;
export const RT_SCOPE_LINK = 253;
export const RT_SCOPE_HOST = 254;
export const RT_SCOPE_NOWHERE = 255;

/** struct rtmsg and its attributes (linux/rtnetlink.h). */
const HEADER_BYTES = 12;
const RTA_DST = 1;
const RTA_OIF = 4;
const RTA_GATEWAY = 5;
const RTA_PRIORITY = 6;
const RTA_PREFSRC = 7;
const RTA_METRICS = 8;
const RTA_MULTIPATH = 9;
const RTA_TABLE = 15;
const RTA_VIA = 18;
const RTAX_MTU = 2;
/** struct rtnexthop. */
const NEXT_HOP_BYTES = 8;

const ROUTE_TYPES = [
  'unspecified',
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
  'nat',
] as const;

/** Reads an RTM_NEWROUTE or RTM_DELROUTE; throws a NetlinkError of kind `malformed`. */
export function decodeRoute({ payload }: NetlinkMessage): Route {
  const reader = new AttributeReader(payload, HEADER_BYTES);
  reader.finish();
  const { view, start } = payload;
  const family = ipFamilyOf(view.getUint8(start));
  if (family === undefined) throw malformed(`a route of the family ${view.getUint8(start)}`);
  const prefixLength = view.getUint8(start + 1);
  const route: { -readonly [Key in keyof Route]: Route[Key] } = {
    family,
    type: ROUTE_TYPES[view.getUint8(start + 7)] ?? 'unspecified',
    table: view.getUint8(start + 4),
    protocol: view.getUint8(start + 5),
    scope: view.getUint8(start + 6),
  };
  while (reader.next()) {
    switch (reader.type) {
      case RTA_DST:
        route.destination = { address: readAddress(reader), prefixLength };
        break;
      case RTA_OIF:
        route.index = reader.u32();
        break;
      case RTA_GATEWAY:
        route.gateway = readAddress(reader);
        break;
      case RTA_VIA:
        route.gateway = readVia(reader);
        break;
      case RTA_PRIORITY:
        route.metric = reader.u32();
        break;
      case RTA_PREFSRC:
        route.preferredSource = readAddress(reader);
        break;
      case RTA_TABLE:
        route.table = reader.u32();
        break;
      case RTA_METRICS: {
        const mtu = reader.nest(readMtu);
        if (mtu !== undefined) route.mtu = mtu;
        break;
      }
      case RTA_MULTIPATH:
        route.nextHops = readNextHops(reader.range());
        break;
    }
  }
  reader.finish();
  return route;
}

/** struct rtvia: a gateway of the other family, after the number of its family. */
function readVia(reader: AttributeReader): string {
  return addressText(reader.bytes().subarray(2));
}

function readMtu(reader: AttributeReader): number | undefined {
  let mtu: number | undefined;
  while (reader.next()) if (reader.type === RTAX_MTU) mtu = reader.u32();
  return mtu;
}

/** Structures with attributes of their own, one after another. */
function readNextHops({ view, start, end }: ByteRange): NextHop[] {
  const hops: NextHop[] = [];
  for (let at = start; at < end; ) {
    const length = end - at < NEXT_HOP_BYTES ? 0 : view.getUint16(at, HOST_LITTLE_ENDIAN);
    if (length < NEXT_HOP_BYTES || length > end - at) throw malformed('a next hop that breaks its bounds');
    const reader = new AttributeReader({ view, start: at, end: at + length }, NEXT_HOP_BYTES);
    let gateway: string | undefined;
    while (reader.next()) {
      if (reader.type === RTA_GATEWAY) gateway = readAddress(reader);
      else if (reader.type === RTA_VIA) gateway = readVia(reader);
    }
    reader.finish();
    hops.push({
      index: view.getInt32(at + 4, HOST_LITTLE_ENDIAN),
      ...(gateway === undefined ? {} : { gateway }),
      weight: view.getUint8(at + 3) + 1,
    });
    at += align(length);
  }
  return hops;
}

export function writeRouteQuery(writer: NetlinkWriter, { family, table, index }: RouteFilter): void {
  writer.header(routeHeader({ family: family === undefined ? 0 : AF_NUMBER[family] }));
  if (table !== undefined) writer.u32(RTA_TABLE, table);
  if (index !== undefined) writer.u32(RTA_OIF, index);
}

/** Writes what asks how packets to an address leave. */
export function writeRouteLookup(writer: NetlinkWriter, address: string): void {
  const bytes = bytesOfAddress(address);
  const family = AF_NUMBER[familyOfAddress(address)];
  writer.header(routeHeader({ family, prefixLength: bytes.length * 8 }));
  writer.bytes(RTA_DST, bytes);
}

export function writeRoute(writer: NetlinkWriter, settings: RouteSettings): void {
  const { destination, preferredSource, metric, nextHops } = settings;
  const { type = 'unicast', table = RT_TABLE_MAIN, protocol = RTPROT_STATIC } = settings;
  writer.header(
    routeHeader({
      family: AF_NUMBER[familyOf(settings)],
      prefixLength: destination?.prefixLength ?? 0,
      protocol,
      scope: settings.scope ?? defaultScope(settings),
      type: ROUTE_TYPES.indexOf(type),
    }),
  );
  writer.u32(RTA_TABLE, table);
  if (destination !== undefined) writeAddress(writer, RTA_DST, destination.address);
  writeAddress(writer, RTA_PREFSRC, preferredSource);
  if (metric !== undefined) writer.u32(RTA_PRIORITY, metric);
  writeAddress(writer, RTA_GATEWAY, settings.gateway);
  if (settings.index !== undefined) writer.u32(RTA_OIF, settings.index);
  if (nextHops !== undefined) {
    writer.nest(RTA_MULTIPATH, () => {
      for (const hop of nextHops) writeNextHop(writer, hop);
    });
  }
}

function writeNextHop(writer: NetlinkWriter, { index = 0, gateway, weight = 1 }: NextHop): void {
  const hop = new Uint8Array(NEXT_HOP_BYTES);
  const view = new DataView(hop.buffer);
  const bytes = gateway === undefined ? 0 : bytesOfAddress(gateway).length + 4;
  view.setUint16(0, NEXT_HOP_BYTES + bytes, HOST_LITTLE_ENDIAN);
  view.setUint8(3, weight - 1);
  view.setInt32(4, index, HOST_LITTLE_ENDIAN);
  writer.header(hop);
  writeAddress(writer, RTA_GATEWAY, gateway);
}

function familyOf({ family, destination, gateway, nextHops = [] }: RouteSettings): IpFamily {
  const address = destination?.address ?? gateway ?? nextHops.find((hop) => hop.gateway)?.gateway;
  if (family === undefined && address === undefined) {
    throw new TypeError('a route without any address needs its family');
  }
  return family ?? familyOfAddress(address ?? '');
}

/** As ip-route(8) chooses it. */
function defaultScope({ type = 'unicast', gateway, nextHops }: RouteSettings): number {
  if (type === 'local' || type === 'nat') return RT_SCOPE_HOST;
  if (type === 'broadcast' || type === 'multicast' || type === 'anycast') return RT_SCOPE_LINK;
  const direct = type === 'unicast' && gateway === undefined && nextHops === undefined;
  return direct ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
}

function routeHeader({
  family,
  prefixLength = 0,
  protocol = 0,
  scope = 0,
  type = 0,
}: {
  readonly family: number;
  readonly prefixLength?: number;
  readonly protocol?: number;
  readonly scope?: number;
  readonly type?: number;
}): Uint8Array {
  // Lengths of destination and source, type of service, table (given as an attribute), protocol, scope, type, flags.
  return Uint8Array.of(family, prefixLength, 0, 0, 0, protocol, scope, type, 0, 0, 0, 0);
}
