import { addressBytes, addressFromBytes, type Family, type IpAddress } from '../../model/address.ts';
import { inet4Word } from '../../model/inet4-word.ts';
import type { AttributeReader } from '../../netlink/attribute-reader.ts';
import { type ByteRange, bytesOf } from '../../netlink/byte-range.ts';
import { malformed } from '../../netlink/netlink-error.ts';
import type { NetlinkWriter } from '../../netlink/netlink-writer.ts';
import { dottedQuad } from './dotted-quad.ts';
import { AF_NUMBER } from './ipvs-message.ts';

/** union nf_inet_addr: IPv4 in the first four bytes. */
const UNION_BYTES = 16;

export function writeUnionAddress(writer: NetlinkWriter, type: number, address: IpAddress): void {
  const word = inet4Word(address);
  if (word === undefined) writer.bytes(type, addressBytes(address));
  else writer.be32(type, word >>> 0, UNION_BYTES);
}

/** The 16 bytes of an address whose family is told elsewhere; throws a NetlinkError of kind `malformed` for fewer. */
export function unionAddress(range: ByteRange, family: Family): IpAddress {
  const { view, start, end } = range;
  if (end - start !== UNION_BYTES) throw malformed(`an address of ${end - start} bytes`);
  return family === 'inet' ? dottedQuad(view.getInt32(start)) : addressFromBytes(bytesOf(range));
}

/** Undefined for a family that IPVS does not have. */
export function familyOfNumber(number: number): Family | undefined {
  return number === AF_NUMBER.inet ? 'inet' : number === AF_NUMBER.inet6 ? 'inet6' : undefined;
}

/** An address without room to spare: 4 or 16 bytes. */
export function readAddress(reader: AttributeReader): IpAddress {
  const bytes = reader.bytes();
  if (bytes.length !== 4 && bytes.length !== UNION_BYTES)
    throw malformed(`an address of ${bytes.length} bytes`);
  return addressFromBytes(bytes);
}
