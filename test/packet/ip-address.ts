import { addressBytes, addressFromBytes, type IpAddress, parseIpAddress } from '../../src/model/address.ts';

/** The canonical text of an address of that many bytes; throws on others. */
export function canonicalAddress(text: string, bytes: 4 | 16): IpAddress {
  const address = parseIpAddress(text);
  if (address !== undefined && addressBytes(address).length === bytes) return address;
  throw new Error(`${text} is no address of ${bytes} bytes`);
}

/** Source and destination, one behind the other. */
export function addressPair(source: string, destination: string, bytes: 4 | 16): Buffer {
  return Buffer.concat(
    [source, destination].map((address) => addressBytes(canonicalAddress(address, bytes))),
  );
}

/** The inverse of {@link addressPair}. */
export function splitAddressPair(pair: Buffer): { source: IpAddress; destination: IpAddress } {
  const half = pair.length / 2;
  return {
    source: addressFromBytes(pair.subarray(0, half)),
    destination: addressFromBytes(pair.subarray(half)),
  };
}
