import { addressBytes, addressFromBytes, type Family, type IpAddress } from '../../../model/address.ts';
import type { Protocol } from '../../../model/service.ts';

/** linux/socket.h, AF_INET and AF_INET6. */
export const FAMILY_NUMBER: Readonly<Record<Family, number>> = { inet: 2, inet6: 10 };

/** linux/in.h, IPPROTO_*. */
export const PROTOCOL_NUMBER: Readonly<Record<Protocol, number>> = { tcp: 6, udp: 17, sctp: 132 };

/** Undefined for a number that is no family. */
export function familyOfNumber(number: number): Family | undefined {
  return number === FAMILY_NUMBER.inet ? 'inet' : number === FAMILY_NUMBER.inet6 ? 'inet6' : undefined;
}

/** Undefined for a number that IPVS has no services on. */
export function protocolOfNumber(number: number): Protocol | undefined {
  return (['tcp', 'udp', 'sctp'] as const).find((protocol) => PROTOCOL_NUMBER[protocol] === number);
}

/** Writes a `struct address`, whose bytes must be 0 before. */
export function writeAddress(bytes: Uint8Array, offset: number, address: IpAddress): void {
  bytes.set(addressBytes(address), offset);
}

/** Reads a `struct address` or a `__be32`. */
export function readAddress(bytes: Uint8Array, offset: number, family: Family): IpAddress {
  return addressFromBytes(bytes.subarray(offset, offset + (family === 'inet' ? 4 : 16)));
}

/** A view of the bytes for numbers; those of maps are in host order, which is little-endian, but for ports and addresses. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A `__u64` as a number, exact up to 2^53. */
export function readU64(view: DataView, offset: number): number {
  return view.getUint32(offset, true) + view.getUint32(offset + 4, true) * 2 ** 32;
}

export function writeU64(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value, true);
  view.setUint32(offset + 4, Math.floor(value / 2 ** 32), true);
}
