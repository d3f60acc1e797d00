import { AttributeReader } from '../attribute-reader.ts';
import { HOST_LITTLE_ENDIAN } from '../byte-range.ts';
import type { NetlinkMessage } from '../message.ts';
import type { NetlinkWriter } from '../netlink-writer.ts';
import { type InterfaceSettings, writeInterfaceSettings } from './interface-settings.ts';
import { readLinkLayerAddress, writeLinkLayerAddress } from './ip-address.ts';

/** RFC 2863 operational state (linux/if.h, IF_OPER_*). */
export type OperationalState = (typeof OPERATIONAL_STATES)[number];

/** A network interface. */
export interface Link {
  readonly index: number;
  readonly name: string;
  /** ARPHRD_ number of its hardware: 1 for Ethernet, 772 for loopback (linux/if_arp.h). */
  readonly hardware: number;
  /** Kind of a virtual one: `veth`, `bridge`, `vlan`. */
  readonly kind?: string;
  /** IFF_ flags (linux/if.h). */
  readonly flags: number;
  /** Switched on by the operator (IFF_UP). */
  readonly up: boolean;
  /** The layer below is there: cable, peer (IFF_LOWER_UP). */
  readonly carrier: boolean;
  readonly operationalState: OperationalState;
  /** Bytes. */
  readonly mtu: number;
  /** Link-layer address, `02:00:00:00:00:01`. */
  readonly address?: string;
  /** Index of the bridge or bond that it belongs to. */
  readonly master?: number;
  /** Index of the interface below it, or of its peer. */
  readonly parent?: number;
}

/** What can be set of an interface. */
export interface LinkChanges {
  readonly name?: string;
  readonly up?: boolean;
  /** Bytes. */
  readonly mtu?: number;
  readonly address?: string;
  /** Index of a bridge or bond; 0 takes it out. */
  readonly master?: number;
  /** Moves it to the network namespace of this process. */
  readonly namespacePid?: number;
  /** Of one that is there already. */
  readonly settings?: InterfaceSettings;
}

/** A virtual interface to be made. */
export interface LinkSettings extends LinkChanges {
  readonly name: string;
  /** `veth`, `bridge`, `vlan`, `dummy` and the like. */
  readonly kind: string;
  /** Index of the interface below it. */
  readonly parent?: number;
  /** Name of the other end of a `veth`. */
  readonly peer?: string;
  /** Writes the attributes of the kind (IFLA_INFO_DATA). */
  readonly data?: (writer: NetlinkWriter) => void;
}

/** struct ifinfomsg (linux/rtnetlink.h). */
const HEADER_BYTES = 16;
const IFF_UP = 0x1;
const IFF_LOWER_UP = 0x10000;

/** linux/if_link.h */
const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const IFLA_LINK = 5;
const IFLA_MASTER = 10;
const IFLA_OPERSTATE = 16;
const IFLA_LINKINFO = 18;
const IFLA_NET_NS_PID = 19;
const IFLA_EXT_MASK = 29;
const IFLA_INFO_KIND = 1;
const IFLA_INFO_DATA = 2;
const VETH_INFO_PEER = 1;
/** linux/rtnetlink.h: answers without counters. */
const RTEXT_FILTER_SKIP_STATS = 8;

const OPERATIONAL_STATES = [
  'unknown',
  'not-present',
  'down',
  'lower-layer-down',
  'testing',
  'dormant',
  'up',
] as const;

/** The address family of a message about a link: 0 but for what bridges and IPv6 say of their own. */
export function linkMessageFamily({ payload: { view, start, end } }: NetlinkMessage): number {
  return end > start ? view.getUint8(start) : 0;
}

/** Reads an RTM_NEWLINK or RTM_DELLINK; throws a NetlinkError of kind `malformed`. */
export function decodeLink({ payload }: NetlinkMessage): Link {
  const reader = new AttributeReader(payload, HEADER_BYTES);
  reader.finish();
  const { view, start } = payload;
  const flags = view.getUint32(start + 8, HOST_LITTLE_ENDIAN);
  const link: { -readonly [Key in keyof Link]: Link[Key] } = {
    index: view.getInt32(start + 4, HOST_LITTLE_ENDIAN),
    name: '',
    hardware: view.getUint16(start + 2, HOST_LITTLE_ENDIAN),
    flags,
    up: (flags & IFF_UP) !== 0,
    carrier: (flags & IFF_LOWER_UP) !== 0,
    operationalState: 'unknown',
    mtu: 0,
  };
  while (reader.next()) {
    switch (reader.type) {
      case IFLA_IFNAME:
        link.name = reader.string();
        break;
      case IFLA_ADDRESS:
        link.address = readLinkLayerAddress(reader);
        break;
      case IFLA_MTU:
        link.mtu = reader.u32();
        break;
      case IFLA_LINK:
        link.parent = reader.u32();
        break;
      case IFLA_MASTER:
        link.master = reader.u32();
        break;
      case IFLA_OPERSTATE:
        link.operationalState = OPERATIONAL_STATES[reader.u8()] ?? 'unknown';
        break;
      case IFLA_LINKINFO: {
        const kind = reader.nest(readKind);
        if (kind !== undefined) link.kind = kind;
        break;
      }
    }
  }
  reader.finish();
  return link;
}

function readKind(reader: AttributeReader): string | undefined {
  let kind: string | undefined;
  while (reader.next()) if (reader.type === IFLA_INFO_KIND) kind = reader.string();
  return kind;
}

/** Writes what asks for all links, or for one by index or name. */
export function writeLinkQuery(writer: NetlinkWriter, which?: number | string): void {
  writer.header(linkHeader(typeof which === 'number' ? which : 0, undefined));
  if (typeof which === 'string') writer.string(IFLA_IFNAME, which);
  writer.u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
}

/** Writes what changes a link, or names one to delete. */
export function writeLinkChanges(writer: NetlinkWriter, index: number, changes: LinkChanges): void {
  writer.header(linkHeader(index, changes.up));
  if (changes.name !== undefined) writer.string(IFLA_IFNAME, changes.name);
  if (changes.mtu !== undefined) writer.u32(IFLA_MTU, changes.mtu);
  writeLinkLayerAddress(writer, IFLA_ADDRESS, changes.address);
  if (changes.master !== undefined) writer.u32(IFLA_MASTER, changes.master);
  if (changes.namespacePid !== undefined) writer.u32(IFLA_NET_NS_PID, changes.namespacePid);
  if (changes.settings !== undefined) writeInterfaceSettings(writer, changes.settings);
}

export function writeLinkSettings(writer: NetlinkWriter, settings: LinkSettings): void {
  const { kind, parent, peer, data } = settings;
  writeLinkChanges(writer, 0, settings);
  if (parent !== undefined) writer.u32(IFLA_LINK, parent);
  writer.nest(IFLA_LINKINFO, () => {
    writer.string(IFLA_INFO_KIND, kind);
    if (peer === undefined && data === undefined) return;
    writer.nest(IFLA_INFO_DATA, () => {
      if (peer !== undefined) writer.nest(VETH_INFO_PEER, () => writeLinkChanges(writer, 0, { name: peer }));
      data?.(writer);
    });
  });
}

function linkHeader(index: number, up: boolean | undefined): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setInt32(4, index, HOST_LITTLE_ENDIAN);
  if (up !== undefined) {
    view.setUint32(8, up ? IFF_UP : 0, HOST_LITTLE_ENDIAN);
    view.setUint32(12, IFF_UP, HOST_LITTLE_ENDIAN);
  }
  return header;
}
