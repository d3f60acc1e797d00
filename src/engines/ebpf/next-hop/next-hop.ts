import { addressBytes, type IpAddress } from '../../../model/address.ts';
import { NEXT_HOP_LOCAL, NEXT_HOP_RESOLVED, NEXT_HOP_SOURCE, OFFSET, SIZE } from '../layout.gen.ts';

/** How packets get to a destination: `struct next_hop` of bpf/abi.h. */
export interface NextHop {
  /** The address is this host's. */
  readonly local: boolean;
  /** Index of the interface; 0 where there is no route. */
  readonly index: number;
  /** Bytes of IP that fit the way; 0 where that is unknown. */
  readonly mtu: number;
  /** Link-layer addresses, where both are known. */
  readonly ethernet?: { readonly destination: Uint8Array; readonly source: Uint8Array };
  /** The address that packets of this host have on this way. */
  readonly source?: IpAddress;
}

/** Nothing is known: tc asks the kernel for each packet. */
export const UNRESOLVED: NextHop = { local: false, index: 0, mtu: 0 };

const AT = OFFSET.next_hop;

export function encodeNextHop({ local, index, mtu, ethernet, source }: NextHop): Uint8Array {
  const bytes = new Uint8Array(SIZE.next_hop);
  const view = new DataView(bytes.buffer);
  const flags =
    (ethernet === undefined ? 0 : NEXT_HOP_RESOLVED) |
    (local ? NEXT_HOP_LOCAL : 0) |
    (source === undefined ? 0 : NEXT_HOP_SOURCE);
  view.setUint32(AT.flags, flags, true);
  view.setUint32(AT.ifindex, index, true);
  view.setUint32(AT.mtu, mtu, true);
  if (ethernet !== undefined) {
    bytes.set(ethernet.destination, AT.destination_mac);
    bytes.set(ethernet.source, AT.source_mac);
  }
  if (source !== undefined) bytes.set(addressBytes(source), AT.source);
  return bytes;
}
