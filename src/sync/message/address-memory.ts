import { addressBytes, addressFromBytes, type IpAddress } from '../../model/address.ts';

/** Addresses that are remembered; with more, all are forgotten. */
const MOST = 8192;

const bytesByText = new Map<IpAddress, Uint8Array>();
const textByBytes = new Map<string, IpAddress>();

/** As addressBytes, whose reading of IPv6 would be most of the work that a datagram makes: records have few different addresses. */
export function rememberedBytes(address: IpAddress): Uint8Array {
  return bytesByText.get(address) ?? remember(bytesByText, address, addressBytes(address));
}

/** As addressFromBytes. */
export function rememberedAddress(bytes: Uint8Array): IpAddress {
  if (bytes.length === 4) return addressFromBytes(bytes);
  const key = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  return textByBytes.get(key) ?? remember(textByBytes, key, addressFromBytes(bytes));
}

function remember<Key, Value>(memory: Map<Key, Value>, key: Key, value: Value): Value {
  if (memory.size >= MOST) memory.clear();
  memory.set(key, value);
  return value;
}
