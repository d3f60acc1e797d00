import { addressBytes, addressFromBytes, type IpAddress } from '../model/address.ts';
import type { BpfMap } from '../system/bpf/bpf-map.ts';
import type { DecapsulatorContent, DecapsulatorCounters } from './decapsulator.ts';
import { TUNNEL_KINDS, type Tunnel, type TunnelKind } from './real-server-settings.ts';

/** What bpf/decapsulate.bpf.c has in its maps `addresses` and `tunnels`: entries as bytes, by the text of their keys. */
export type Entries = ReadonlyMap<string, Entry>;

interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

const ROLE_VIRTUAL = 1;
const ROLE_OWN = 2;
const KIND_NUMBERS: Readonly<Record<TunnelKind, number>> = { ipip: 1, gue: 2, gre: 3 };
const AF_INET = 2;
const AF_INET6 = 10;

type Addresses = Pick<DecapsulatorContent, 'virtualAddresses' | 'ownAddresses'>;

export function addressEntries({ virtualAddresses, ownAddresses }: Addresses): Entries {
  const roles = new Map<string, number>();
  for (const address of virtualAddresses) roles.set(address, ROLE_VIRTUAL);
  for (const address of ownAddresses) roles.set(address, (roles.get(address) ?? 0) | ROLE_OWN);
  return entries([...roles].map(([address, role]) => ({ key: addressKey(address), value: number32(role) })));
}

export function tunnelEntries(tunnels: readonly Tunnel[]): Entries {
  return entries(tunnels.map((tunnel) => ({ key: tunnelKey(tunnel), value: number32(1) })));
}

export function readAddresses(map: BpfMap): Addresses {
  const virtualAddresses: string[] = [];
  const ownAddresses: string[] = [];
  for (const { key, value } of readEntries(map).values()) {
    const inet = viewOf(key).getUint32(0, true) === AF_INET;
    const address = addressFromBytes(key.subarray(4, inet ? 8 : 20));
    const role = viewOf(value).getUint32(0, true);
    if (role & ROLE_VIRTUAL) virtualAddresses.push(address);
    if (role & ROLE_OWN) ownAddresses.push(address);
  }
  return { virtualAddresses: virtualAddresses.sort(), ownAddresses: ownAddresses.sort() };
}

export function readTunnels(map: BpfMap): Tunnel[] {
  return [...readEntries(map).values()].map(({ key }) => {
    const number = viewOf(key).getUint16(0, true);
    const kind = TUNNEL_KINDS.find((each) => KIND_NUMBERS[each] === number) ?? 'ipip';
    return kind === 'gue' ? { kind, port: viewOf(key).getUint16(2, false) } : { kind };
  });
}

/** Makes the map hold exactly these; what was there and stays is never absent meanwhile. */
export function replaceEntries(map: BpfMap, wanted: Entries): void {
  for (const { key, value } of wanted.values()) map.update(key, value);
  for (const [text, { key }] of readEntries(map)) if (!wanted.has(text)) map.delete(key);
}

/** The map of one counter for each `enum outcome`, of 16 bytes, one for each CPU. */
export function readCounters(map: BpfMap): DecapsulatorCounters {
  const packets = (outcome: number): number => {
    const value = map.lookup(number32(outcome));
    let sum = 0n;
    for (let cpu = 0; value !== undefined && cpu < map.cpus; cpu++)
      sum += viewOf(value).getBigUint64(cpu * map.valueStride, true);
    return Number(sum);
  };
  return {
    taken: packets(0) + packets(1) + packets(2),
    notVirtual: packets(3),
    fragments: packets(4),
    unknownForm: packets(5),
    congested: packets(6),
    failed: packets(7),
  };
}

function readEntries(map: BpfMap): Entries {
  const found: Entry[] = [];
  for (let key = map.nextKey(undefined); key !== undefined; key = map.nextKey(key)) {
    const value = map.lookup(key);
    if (value !== undefined) found.push({ key, value });
  }
  return entries(found);
}

function entries(list: readonly Entry[]): Entries {
  return new Map(list.map((entry) => [Buffer.from(entry.key).toString('hex'), entry]));
}

/** struct address_key */
function addressKey(address: string): Uint8Array {
  const key = new Uint8Array(20);
  const bytes = addressBytes(address as IpAddress);
  viewOf(key).setUint32(0, bytes.length === 4 ? AF_INET : AF_INET6, true);
  key.set(bytes, 4);
  return key;
}

/** struct tunnel_key */
function tunnelKey({ kind, port = 0 }: Tunnel): Uint8Array {
  const key = new Uint8Array(4);
  viewOf(key).setUint16(0, KIND_NUMBERS[kind], true);
  viewOf(key).setUint16(2, port, false);
  return key;
}

function number32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value, true);
  return bytes;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
