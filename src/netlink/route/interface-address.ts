import { AttributeReader } from '../attribute-reader.ts';
import { HOST_LITTLE_ENDIAN } from '../byte-range.ts';
import type { NetlinkMessage } from '../message.ts';
import { malformed } from '../netlink-error.ts';
import type { NetlinkWriter } from '../netlink-writer.ts';
import { familyOfAddress, readAddress, writeAddress } from './ip-address.ts';
import { AF_NUMBER, type IpFamily, ipFamilyOf } from './route-message.ts';

/** An address of an interface. */
export interface InterfaceAddress {
  readonly family: IpFamily;
  /** Index of the interface. */
  readonly index: number;
  /** In the text of inet_ntop(3). */
  readonly address: string;
  readonly prefixLength: number;
  /** The other end's address of a point-to-point link. */
  readonly peer?: string;
  readonly broadcast?: string;
  readonly label?: string;
  /** RT_SCOPE_ number (linux/rtnetlink.h): 0 everywhere, 253 this link, 254 this host. */
  readonly scope: number;
  /** IFA_F_ flags (linux/if_addr.h). */
  readonly flags: number;
  /** Not usable yet: duplicate address detection runs (IFA_F_TENTATIVE). */
  readonly tentative: boolean;
}

/** An address to be added, or what names one to delete. */
export interface InterfaceAddressSettings {
  readonly index: number;
  readonly address: string;
  readonly prefixLength: number;
  readonly broadcast?: string;
  readonly label?: string;
  readonly scope?: number;
  /** Without duplicate address detection (IPv6): the address can be used at once. */
  readonly noDuplicateDetection?: boolean;
  /** Without a route to the address's network. */
  readonly noPrefixRoute?: boolean;
}

/** struct ifaddrmsg (linux/if_addr.h) and its attributes. */
const HEADER_BYTES = 8;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_LABEL = 3;
const IFA_BROADCAST = 4;
const IFA_FLAGS = 8;
const IFA_F_NODAD = 0x02;
const IFA_F_TENTATIVE = 0x40;
const IFA_F_NOPREFIXROUTE = 0x200;

/** Reads an RTM_NEWADDR or RTM_DELADDR; throws a NetlinkError of kind `malformed`. */
export function decodeInterfaceAddress({ payload }: NetlinkMessage): InterfaceAddress {
  const reader = new AttributeReader(payload, HEADER_BYTES);
  reader.finish();
  const { view, start } = payload;
  const family = ipFamilyOf(view.getUint8(start));
  if (family === undefined) throw malformed(`an address of the family ${view.getUint8(start)}`);
  let flags = view.getUint8(start + 2);
  let address: string | undefined;
  let local: string | undefined;
  let label: string | undefined;
  let broadcast: string | undefined;
  while (reader.next()) {
    if (reader.type === IFA_ADDRESS) address = readAddress(reader);
    else if (reader.type === IFA_LOCAL) local = readAddress(reader);
    else if (reader.type === IFA_LABEL) label = reader.string();
    else if (reader.type === IFA_BROADCAST) broadcast = readAddress(reader);
    else if (reader.type === IFA_FLAGS) flags = reader.u32();
  }
  reader.finish();
  // Where both are given, IFA_ADDRESS is the other end's (linux/if_addr.h); IPv6 gives IFA_LOCAL only then.
  const own = local ?? address;
  if (own === undefined) throw malformed('a message about an address without the address');
  return {
    family,
    index: view.getUint32(start + 4, HOST_LITTLE_ENDIAN),
    address: own,
    prefixLength: view.getUint8(start + 1),
    ...(address === undefined || address === own ? {} : { peer: address }),
    ...(broadcast === undefined ? {} : { broadcast }),
    ...(label === undefined ? {} : { label }),
    scope: view.getUint8(start + 3),
    flags,
    tentative: (flags & IFA_F_TENTATIVE) !== 0,
  };
}

/** Writes what asks for the addresses of one interface, or of all for index 0. */
export function writeAddressQuery(writer: NetlinkWriter, index: number, family?: IpFamily): void {
  writer.header(addressHeader(family === undefined ? 0 : AF_NUMBER[family], 0, 0, index));
}

export function writeInterfaceAddress(writer: NetlinkWriter, settings: InterfaceAddressSettings): void {
  const { index, address, prefixLength, broadcast, label, scope = 0 } = settings;
  writer.header(addressHeader(AF_NUMBER[familyOfAddress(address)], prefixLength, scope, index));
  writeAddress(writer, IFA_LOCAL, address);
  writeAddress(writer, IFA_ADDRESS, address);
  writeAddress(writer, IFA_BROADCAST, broadcast);
  if (label !== undefined) writer.string(IFA_LABEL, label);
  const flags =
    (settings.noDuplicateDetection ? IFA_F_NODAD : 0) | (settings.noPrefixRoute ? IFA_F_NOPREFIXROUTE : 0);
  if (flags !== 0) writer.u32(IFA_FLAGS, flags);
}

function addressHeader(family: number, prefixLength: number, scope: number, index: number): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  header.set([family, prefixLength, 0, scope]);
  new DataView(header.buffer).setUint32(4, index, HOST_LITTLE_ENDIAN);
  return header;
}
