import { encodeConnection } from '../../../src/engines/ebpf/codec/connection-codec.ts';
import { encodeDestination } from '../../../src/engines/ebpf/codec/destination-codec.ts';
import { encodeFlow, encodeReply } from '../../../src/engines/ebpf/codec/flow-codec.ts';
import { encodeSettings } from '../../../src/engines/ebpf/codec/settings-codec.ts';
import {
  CONNECTION_METHOD_SHIFT,
  FILTER_MULTIPLIER,
  FILTER_SERVER,
  FILTER_SHIFT,
  FILTER_VIRTUAL,
  FLOW_CONNECTION,
  LINK_NONE,
  OFFSET,
  SETTING_PMTU_DISC,
  SIZE,
  VIPR_LAYOUT,
} from '../../../src/engines/ebpf/layout.gen.ts';
import { encodeNextHop } from '../../../src/engines/ebpf/next-hop/next-hop.ts';
import { addressBytes, type Family, type IpAddress } from '../../../src/model/address.ts';
import { IPIP_TUNNEL } from '../../../src/model/destination.ts';
import type { Port, Weight } from '../../../src/model/unit.ts';
import type { BpfObject } from '../../../src/system/bpf/bpf-object.ts';
import { updateEntries } from '../../../src/system/bpf/update-entries.ts';
import { CLIENT_MAC, clientOf, NEXT, OUTER_SOURCE, OWN, SERVER, VIRTUAL } from './scene.ts';

export type Method = 'tunnel' | 'direct' | 'masquerade';

const METHOD = { masquerade: 0, tunnel: 2, direct: 3 } as const satisfies Record<Method, number>;
const TCP = 6;
const ESTABLISHED = 1;
const ROUTE_GENERATION = 1;
const MTU = 1500;
/** Further away than any benchmark lasts. */
const FAR = 2 ** 40;
const SERVICE = 0;
const DESTINATION = 0;
const BATCH = 8192;

export interface TableContents {
  readonly method: Method;
  readonly flows: number;
  /** In jiffies of the kernel; far away unless given. */
  readonly expires?: number;
}

/** Addresses of IPv6 connections, of which there are entries but no packets. */
const SIX = {
  virtual: '2001:db8::10' as IpAddress,
  server: 'fd02::11' as IpAddress,
  client: 'fd01::' as IpAddress,
};

/** Puts one service with one destination into the maps of a loaded data plane, and established connections of `flows` clients. */
export function fillTable(object: BpfObject, { method, flows, expires = FAR }: TableContents): void {
  put(object, 'settings', number(0), settings());
  put(object, 'address_filter', number(0), addressFilter());
  put(object, 'interfaces', number(OWN.index), description(OWN.mac));
  put(object, 'interfaces', number(NEXT.index), description(NEXT.mac));
  put(
    object,
    'destinations',
    number(DESTINATION),
    encodeDestination({
      available: true,
      masqueraded: false,
      service: SERVICE,
      settings: {
        ...SERVER,
        forwarding: method,
        weight: 1 as Weight,
        upperThreshold: 0,
        lowerThreshold: 0,
        tunnel: IPIP_TUNNEL,
      },
      lastWeight: 1,
      order: 1,
      trashed: 0,
    }),
  );
  put(
    object,
    'next_hops',
    number(DESTINATION),
    encodeNextHop({
      local: false,
      index: NEXT.index,
      mtu: MTU,
      ethernet: { destination: macBytes(NEXT.destinationMac), source: macBytes(NEXT.mac) },
      source: OUTER_SOURCE,
    }),
  );
  const live = new Uint8Array(SIZE.destination_live);
  new DataView(live.buffer).setUint32(OFFSET.destination_live.active, flows, true);
  put(object, 'destination_live', number(DESTINATION), live);
  putConnections(object, 'inet', method, flows, expires);
}

/** Entries of `count` connections, and of their replies where they are masqueraded, that none of the tables has yet. */
export function putConnections(
  object: BpfObject,
  family: Family,
  method: Method,
  count: number,
  expires = FAR,
): void {
  const [digit, virtual, server] =
    family === 'inet'
      ? (['4', VIRTUAL.address, SERVER.address] as const)
      : (['6', SIX.virtual, SIX.server] as const);
  const value = connection(method, expires);
  putMany(object, `connections${digit}`, count, flow(family, virtual, VIRTUAL.port), value);
  if (method !== 'masquerade') return;
  const reply = encodeReply(family, { virtual, virtualPort: VIRTUAL.port });
  putMany(object, `replies${digit}`, count, flow(family, server, SERVER.port), reply);
}

function settings(): Uint8Array {
  const timeout = 900_000;
  return encodeSettings({
    layout: VIPR_LAYOUT,
    hz: 1000,
    flags: SETTING_PMTU_DISC,
    connReuseMode: 1,
    dropPacketRate: 0,
    markRules: 0,
    routeGeneration: ROUTE_GENERATION,
    embryonicLimit: 0,
    expireUdp: timeout,
    expireTcp: Array<number>(11).fill(timeout),
    expireSctp: Array<number>(14).fill(timeout),
    unprivilegedPortStart: 1024,
    dropEntryOdds: 0,
    syncThreshold: 0,
    syncPeriod: 0,
    syncRefresh: 0,
    syncRetries: 0,
  });
}

function addressFilter(): Uint8Array {
  const bytes = new Uint8Array(SIZE.address_filter);
  bytes[filterSlot(VIRTUAL.address)] = FILTER_VIRTUAL;
  bytes[filterSlot(SERVER.address)] = FILTER_SERVER;
  return bytes;
}

/** filter_slot() of bpf/filter.h */
function filterSlot(address: IpAddress): number {
  const [word = 0] = new Uint32Array(addressBytes(address).slice().buffer);
  return Math.imul(word, FILTER_MULTIPLIER) >>> FILTER_SHIFT;
}

/** `struct interface` */
function description(mac: string): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 1, true);
  view.setUint32(4, MTU, true);
  bytes.set(macBytes(mac), 8);
  return bytes;
}

function flow(family: Family, address: IpAddress, port: Port): Uint8Array {
  return encodeFlow(family, {
    client: family === 'inet' ? ('0.0.0.0' as IpAddress) : SIX.client,
    clientPort: 0 as Port,
    virtual: address,
    virtualPort: port,
    protocol: TCP,
    kind: FLOW_CONNECTION,
  });
}

function connection(method: Method, expires: number): Uint8Array {
  return encodeConnection({
    expires,
    reported: 0,
    timeout: 900_000,
    destination: DESTINATION,
    word: ESTABLISHED | (METHOD[method] << CONNECTION_METHOD_SHIFT),
    packets: 1,
    firewallMark: 0,
    netmask: 0,
    controlled: 0,
    destinationPort: method === 'masquerade' ? SERVER.port : VIRTUAL.port,
    link: LINK_NONE,
    reportedState: 0,
    clientGeneration: ROUTE_GENERATION,
    clientInterface: OWN.index,
    clientMac: macBytes(CLIENT_MAC),
  });
}

/** Entries of the clients 0 to `count`, alike but for the client in the key. */
function putMany(object: BpfObject, name: string, count: number, key: Uint8Array, value: Uint8Array): void {
  const map = object.map(name).open();
  const room = Math.min(BATCH, count);
  const keys = new Uint8Array(room * key.length);
  const values = new Uint8Array(room * value.length);
  for (let index = 0; index < room; index++) {
    keys.set(key, index * key.length);
    values.set(value, index * value.length);
  }
  const view = new DataView(keys.buffer);
  const at =
    key.length === SIZE.flow4
      ? { client: OFFSET.flow4.client, port: OFFSET.flow4.client_port }
      : { client: OFFSET.flow6.client + 12, port: OFFSET.flow6.client_port };
  try {
    for (let first = 0; first < count; first += room) {
      const some = Math.min(room, count - first);
      for (let index = 0; index < some; index++) {
        const client = clientOf(first + index);
        view.setUint32(index * key.length + at.client, client.address);
        view.setUint16(index * key.length + at.port, client.port);
      }
      updateEntries(map, keys, values, some);
    }
  } finally {
    map.close();
  }
}

function put(object: BpfObject, name: string, key: Uint8Array, value: Uint8Array): void {
  const map = object.map(name).open();
  try {
    map.update(key, value);
  } finally {
    map.close();
  }
}

function number(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

function macBytes(text: string): Uint8Array {
  return Uint8Array.from(text.split(':'), (octet) => Number.parseInt(octet, 16));
}
