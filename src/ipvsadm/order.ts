import { addressBytes, type Family, familyOf, type IpAddress } from '../model/address.ts';
import type { DestinationId } from '../model/destination.ts';
import { type Protocol, type ServiceId, serviceFamily } from '../model/service.ts';

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

/** Sorts as `-L` does: IPv6 before IPv4, then by address and port. */
export function sortDestinations<D extends DestinationId>(destinations: readonly D[]): D[] {
  return sortByKeys(destinations, ({ address, port }) => {
    const family = FAMILY_NUMBERS[familyOf(address)];
    return [-family, ...addressWords(address), port];
  });
}

function sortByKeys<T>(items: readonly T[], keyOf: (item: T) => readonly number[]): T[] {
  return items
    .map((item) => ({ item, key: keyOf(item) }))
    .sort((one, other) => compareKeys(one.key, other.key))
    .map(({ item }) => item);
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
