import { addressBytes, addressFromBytes, familyOf, type IpAddress } from '../../../model/address.ts';
import type { PrefixLength } from '../../../model/unit.ts';

/** An address as four words in host order; IPv4 uses the first, the rest is 0. */
export type AddressWords = readonly [number, number, number, number];

export function wordsFromBytes(bytes: Uint8Array): AddressWords {
  const word = (at: number): number =>
    (((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)) >>>
    0;
  return [word(0), word(4), word(8), word(12)];
}

export function addressFromWords(words: AddressWords, inet6: boolean): IpAddress {
  const [first] = words;
  if (!inet6) {
    return `${first >>> 24}.${(first >>> 16) & 255}.${(first >>> 8) & 255}.${first & 255}` as IpAddress;
  }
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  words.forEach((word, index) => {
    view.setUint32(index * 4, word);
  });
  return addressFromBytes(bytes);
}

/** The words that persistence keeps of a client's address. */
export function maskWords(netmask: IpAddress | PrefixLength): AddressWords {
  if (typeof netmask !== 'number') {
    const prefixed = familyOf(netmask);
    if (prefixed === 'inet') return wordsFromBytes(addressBytes(netmask));
    throw new RangeError(`an IPv6 netmask is a prefix length, not ${netmask}`);
  }
  const word = (index: number): number => {
    const bits = Math.min(32, Math.max(0, netmask - index * 32));
    return bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0;
  };
  return [word(0), word(1), word(2), word(3)];
}

export function masked(words: AddressWords, mask: AddressWords): AddressWords {
  return [
    (words[0] & mask[0]) >>> 0,
    (words[1] & mask[1]) >>> 0,
    (words[2] & mask[2]) >>> 0,
    (words[3] & mask[3]) >>> 0,
  ];
}
