import { AttributeReader } from '../attribute-reader.ts';
import { HOST_LITTLE_ENDIAN } from '../byte-range.ts';
import type { NetlinkMessage } from '../message.ts';
import { malformed } from '../netlink-error.ts';
import type { NetlinkWriter } from '../netlink-writer.ts';
import {
  familyOfAddress,
  readAddress,
  readLinkLayerAddress,
  writeAddress,
  writeLinkLayerAddress,
} from './ip-address.ts';
import { AF_NUMBER, type IpFamily, ipFamilyOf } from './route-message.ts';

/** How sure the kernel is of a neighbour (linux/neighbour.h, NUD_*). */
export type NeighbourState = keyof typeof STATES;

/** A host on a link of this one: an entry of the ARP or ND cache. */
export interface Neighbour {
  readonly family: IpFamily;
  /** Index of the interface. */
  readonly index: number;
  readonly address: string;
  /** Absent while it is unknown. */
  readonly linkLayerAddress?: string;
  readonly state: NeighbourState;
  /** NTF_ flags (linux/neighbour.h). */
  readonly flags: number;
}

/** An entry to be added, or what names one to delete. */
export interface NeighbourSettings {
  readonly index: number;
  readonly address: string;
  readonly linkLayerAddress?: string;
  /** `permanent` where absent. */
  readonly state?: NeighbourState;
}

/** struct ndmsg (linux/neighbour.h) and its attributes. */
const HEADER_BYTES = 12;
const NDA_DST = 1;
const NDA_LLADDR = 2;
const NDA_IFINDEX = 8;
/** Has the kernel look for the neighbour now. */
const NTF_USE = 0x01;

const STATES = {
  none: 0,
  incomplete: 0x01,
  reachable: 0x02,
  stale: 0x04,
  delay: 0x08,
  probe: 0x10,
  failed: 0x20,
  noarp: 0x40,
  permanent: 0x80,
} as const;

const STATE_NAMES: ReadonlyMap<number, NeighbourState> = new Map(
  Object.entries(STATES).map(([name, number]) => [number, name as NeighbourState] as const),
);

/** Whether a message is about the ARP or ND cache, and not about a bridge's own table. */
export function isIpNeighbour({ payload: { view, start, end } }: NetlinkMessage): boolean {
  return end > start && ipFamilyOf(view.getUint8(start)) !== undefined;
}

/** Reads an RTM_NEWNEIGH or RTM_DELNEIGH; throws a NetlinkError of kind `malformed`. */
export function decodeNeighbour({ payload }: NetlinkMessage): Neighbour {
  const reader = new AttributeReader(payload, HEADER_BYTES);
  reader.finish();
  const { view, start } = payload;
  const family = ipFamilyOf(view.getUint8(start));
  if (family === undefined) throw malformed(`a neighbour of the family ${view.getUint8(start)}`);
  let address: string | undefined;
  let linkLayerAddress: string | undefined;
  while (reader.next()) {
    if (reader.type === NDA_DST) address = readAddress(reader);
    else if (reader.type === NDA_LLADDR) linkLayerAddress = readLinkLayerAddress(reader);
  }
  reader.finish();
  if (address === undefined) throw malformed('a message about a neighbour without its address');
  return {
    family,
    index: view.getInt32(start + 4, HOST_LITTLE_ENDIAN),
    address,
    ...(linkLayerAddress === undefined ? {} : { linkLayerAddress }),
    state: STATE_NAMES.get(view.getUint16(start + 8, HOST_LITTLE_ENDIAN)) ?? 'none',
    flags: view.getUint8(start + 10),
  };
}

/** Writes what asks for the neighbours on one interface, or on all for index 0. */
export function writeNeighbourQuery(writer: NetlinkWriter, index: number): void {
  writer.header(neighbourHeader(0, 0, 0, 0));
  if (index !== 0) writer.u32(NDA_IFINDEX, index);
}

export function writeNeighbour(writer: NetlinkWriter, settings: NeighbourSettings): void {
  const { index, address, linkLayerAddress, state = 'permanent' } = settings;
  writer.header(neighbourHeader(AF_NUMBER[familyOfAddress(address)], index, STATES[state], 0));
  writeAddress(writer, NDA_DST, address);
  writeLinkLayerAddress(writer, NDA_LLADDR, linkLayerAddress);
}

/** Writes what has the kernel find a neighbour's link-layer address, or make sure of it. */
export function writeNeighbourUse(writer: NetlinkWriter, index: number, address: string): void {
  writer.header(neighbourHeader(AF_NUMBER[familyOfAddress(address)], index, STATES.none, NTF_USE));
  writeAddress(writer, NDA_DST, address);
}

function neighbourHeader(family: number, index: number, state: number, flags: number): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint8(0, family);
  view.setInt32(4, index, HOST_LITTLE_ENDIAN);
  view.setUint16(8, state, HOST_LITTLE_ENDIAN);
  view.setUint8(10, flags);
  return header;
}
