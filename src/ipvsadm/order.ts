import { addressBytes, type Family, type IpAddress } from '../model/address.ts';
import type { DestinationId } from '../model/destination.ts';
import { inet4Word } from '../model/inet4-word.ts';
import { type Protocol, type ServiceId, serviceFamily } from '../model/service.ts';
import { mergeSort } from './merge-sort.ts';

const FAMILY_NUMBERS: Readonly<Record<Family, number>> = { inet: 2, inet6: 10 };
const PROTOCOL_NUMBERS: Readonly<Record<Protocol, number>> = { tcp: 6, udp: 17, sctp: 132 };

/**
 * Sorts as `-L` does: by mark, family, protocol, address and port. As in the original, marks and the words of addresses
 * are compared by their 32-bit difference taken as signed: mark 4294967295 comes first.
 */
export function sortServices<S extends { readonly id: ServiceId }>(services: readonly S[]): S[] {
  const keyed = services.map((item) => ({ item, key: serviceKeyOf(item.id) }));
  return mergeSort(keyed, (one, other) => compareServices(one.key, other.key)).map(({ item }) => item);
}

interface ServiceSortKey {
  readonly mark: number;
  readonly family: number;
  readonly protocol: number;
  /** Keys that agree in what is above have as many. */
  readonly words: readonly number[];
  readonly port: number;
}

function serviceKeyOf(id: ServiceId): ServiceSortKey {
  const family = FAMILY_NUMBERS[serviceFamily(id)];
  if (id.kind === 'fwmark') return { mark: id.fwmark, family, protocol: 0, words: [], port: 0 };
  const { address, port } = id;
  return { mark: 0, family, protocol: PROTOCOL_NUMBERS[id.protocol], words: addressWords(address), port };
}

function compareServices(one: ServiceSortKey, other: ServiceSortKey): number {
  return (
    (one.mark - other.mark) | 0 ||
    one.family - other.family ||
    one.protocol - other.protocol ||
    compareWords(one.words, other.words) ||
    one.port - other.port
  );
}

/**
 * Sorts as `-L` does: by address and port, whatever the family. Where the first of two is IPv4 their first words are compared,
 * else all four; the words after an IPv4 address are 0.
 */
export function sortDestinations<D extends DestinationId>(destinations: readonly D[]): D[] {
  if (destinations.length < 2 || isDescending(destinations)) return [...destinations].reverse();
  // Numbers in arrays, without an object for each: tables have tens of thousands of destinations.
  const keys = destinations.map(({ address }) => inet4Word(address) ?? addressWords(address));
  const ports = destinations.map(({ port }) => port);
  const order = mergeSort([...keys.keys()], (one, other) => {
    return compareAddresses(keys[one] ?? 0, keys[other] ?? 0) || (ports[one] ?? 0) - (ports[other] ?? 0);
  });
  return order.map((index) => destinations[index] as D);
}

/**
 * Whether IPv4 destinations only have to be turned round: those that were added in ascending order come so, as IPVS puts the newest
 * first. Their addresses must lie within half of all, where the original's comparison is an order.
 */
function isDescending(destinations: readonly DestinationId[]): boolean {
  let first: number | undefined;
  let before = 0;
  let portBefore = 0;
  for (const { address, port } of destinations) {
    const signed = inet4Word(address);
    if (signed === undefined) return false;
    const word = signed >>> 0;
    if (first === undefined) first = word;
    else if (word > before || (word === before && port >= portBefore) || first - word >= 2 ** 31)
      return false;
    before = word;
    portBefore = port;
  }
  return true;
}

/** An IPv4 address is its one word. */
function compareAddresses(one: number | readonly number[], other: number | readonly number[]): number {
  if (typeof one !== 'number') return compareWords(one, typeof other === 'number' ? [other] : other);
  return (one - (typeof other === 'number' ? other : (other[0] ?? 0))) | 0;
}

/** By the words of the first. */
function compareWords(one: readonly number[], other: readonly number[]): number {
  for (let index = 0; index < one.length; index++) {
    const difference = ((one[index] ?? 0) - (other[index] ?? 0)) | 0;
    if (difference !== 0) return difference;
  }
  return 0;
}

function addressWords(address: IpAddress): number[] {
  const word = inet4Word(address);
  if (word !== undefined) return [word];
  const bytes = addressBytes(address);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const words: number[] = [];
  for (let at = 0; at < bytes.length; at += 4) words.push(view.getUint32(at));
  return words;
}
