import { addressBytes, type Family, type IpAddress } from '../model/address.ts';
import type { DestinationId } from '../model/destination.ts';
import { type Protocol, type ServiceId, serviceFamily } from '../model/service.ts';
import { mergeSort } from './merge-sort.ts';

const FAMILY_NUMBERS: Readonly<Record<Family, number>> = { inet: 2, inet6: 10 };
const PROTOCOL_NUMBERS: Readonly<Record<Protocol, number>> = { tcp: 6, udp: 17, sctp: 132 };

/**
 * Sorts as `-L` does: by mark, family, protocol, address and port. As in the original, marks and the words of addresses
 * are compared by their 32-bit difference taken as signed: mark 4294967295 comes first.
 */
export function sortServices<S extends { readonly id: ServiceId }>(services: readonly S[]): S[] {
  return sortByKeys(services, ({ id }) => {
    const family = FAMILY_NUMBERS[serviceFamily(id)];
    if (id.kind === 'fwmark') return [id.fwmark, family];
    return [0, family, PROTOCOL_NUMBERS[id.protocol], ...addressWords(id.address), id.port];
  });
}

/**
 * Sorts as `-L` does: by address and port, whatever the family. Where the first of two is IPv4 their first words are compared,
 * else all four; the words after an IPv4 address are 0.
 */
export function sortDestinations<D extends DestinationId>(destinations: readonly D[]): D[] {
  const keyed = destinations.map((item) => ({ item, words: addressWords(item.address) }));
  const compare = (one: (typeof keyed)[number], other: (typeof keyed)[number]): number => {
    for (const [index, word] of one.words.entries()) {
      const difference = (word - (other.words[index] ?? 0)) | 0;
      if (difference !== 0) return difference;
    }
    return one.item.port - other.item.port;
  };
  return mergeSort(keyed, compare).map(({ item }) => item);
}

function sortByKeys<T>(items: readonly T[], keyOf: (item: T) => readonly number[]): T[] {
  const keyed = items.map((item) => ({ item, key: keyOf(item) }));
  return mergeSort(keyed, (one, other) => compareKeys(one.key, other.key)).map(({ item }) => item);
}

/** Keys that agree in their first parts have the same length: the family is among those. */
function compareKeys(one: readonly number[], other: readonly number[]): number {
  for (const [index, part] of one.entries()) {
    const difference = (part - (other[index] ?? 0)) | 0;
    if (difference !== 0) return difference;
  }
  return 0;
}

function addressWords(address: IpAddress): number[] {
  const bytes = addressBytes(address);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const words: number[] = [];
  for (let at = 0; at < bytes.length; at += 4) words.push(view.getUint32(at));
  return words;
}
