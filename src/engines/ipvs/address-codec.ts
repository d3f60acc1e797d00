import { addressBytes, addressFromBytes, type Family, type IpAddress } from '../../model/address.ts';
import type { AttributeReader } from '../../netlink/attribute-reader.ts';
import { malformed } from '../../netlink/netlink-error.ts';
import type { NetlinkWriter } from '../../netlink/netlink-writer.ts';
import { AF_NUMBER } from './ipvs-message.ts';

/** union nf_inet_addr: IPv4 in the first four bytes. */
const UNION_BYTES = 16;

export function writeUnionAddress(writer: NetlinkWriter, type: number, address: IpAddress): void {
  const union = new Uint8Array(UNION_BYTES);
  union.set(addressBytes(address));
  writer.bytes(type, union);
}

/** The 16 bytes of an address whose family is told elsewhere; throws a NetlinkError of kind `malformed` for fewer. */
export function unionAddress(bytes: Uint8Array, family: Family): IpAddress {
  if (bytes.length !== UNION_BYTES) throw malformed(`an address of ${bytes.length} bytes`);
  return addressFromBytes(family === 'inet' ? bytes.subarray(0, 4) : bytes);
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
