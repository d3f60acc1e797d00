import { ipAddressBytes, ipAddressText } from '../../system/netlink-ip-address.ts';
import type { AttributeReader } from '../attribute-reader.ts';
import { malformed } from '../netlink-error.ts';
import type { NetlinkWriter } from '../netlink-writer.ts';
import type { IpFamily } from './route-message.ts';

/** A network: its address in the text of inet_ntop(3), and the bits of it that count. */
export interface IpPrefix {
  readonly address: string;
  readonly prefixLength: number;
}

export function familyOfAddress(address: string): IpFamily {
  return address.includes(':') ? 'inet6' : 'inet';
}

/** The 4 or 16 bytes of an address; throws a TypeError for what is none. */
export function bytesOfAddress(address: string): Uint8Array {
  const bytes = ipAddressBytes(address);
  if (bytes === undefined) throw new TypeError(`'${address}' is no IP address`);
  return bytes;
}

export function writeAddress(writer: NetlinkWriter, type: number, address: string | undefined): void {
  if (address !== undefined) writer.bytes(type, bytesOfAddress(address));
}

/** Throws a NetlinkError of kind `malformed` for a value that is no address. */
export function readAddress(reader: AttributeReader): string {
  return addressText(reader.bytes());
}

export function addressText(bytes: Uint8Array): string {
  const text = ipAddressText(bytes);
  if (text === undefined) throw malformed(`an address of ${bytes.length} bytes`);
  return text;
}

/** `02:00:00:00:00:01` */
export function readLinkLayerAddress(reader: AttributeReader): string {
  return Array.from(reader.bytes(), (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** Throws a TypeError for what is no sequence of hexadecimal bytes with colons between. */
export function writeLinkLayerAddress(
  writer: NetlinkWriter,
  type: number,
  address: string | undefined,
): void {
  if (address === undefined) return;
  if (!/^[0-9a-f]{2}(?::[0-9a-f]{2})*$/i.test(address)) {
    throw new TypeError(`'${address}' is no link-layer address`);
  }
  writer.bytes(
    type,
    Uint8Array.from(address.split(':'), (byte) => Number.parseInt(byte, 16)),
  );
}
