import type { Family, IpAddress } from '../../../model/address.ts';
import { CACHE_MEMBERS, OFFSET, SIZE } from '../layout.gen.ts';
import { readAddress, readU64, viewOf, writeAddress, writeU64 } from './address-codec.ts';

/** `struct cache_key` of bpf/abi.h. */
export interface CacheKey {
  /** Id. */
  readonly service: number;
  readonly address: IpAddress;
}

/** `struct cache_entry`; times in jiffies. */
export interface CacheEntry {
  readonly lastUse: number;
  readonly lastModified: number;
  /** Ids of at most CACHE_MEMBERS destinations, the newest first. */
  readonly members: readonly number[];
}

const key = OFFSET.cache_key;
const at = OFFSET.cache_entry;

export function encodeCacheKey({ service, address }: CacheKey): Uint8Array {
  const bytes = new Uint8Array(SIZE.cache_key);
  viewOf(bytes).setUint32(key.service, service, true);
  writeAddress(bytes, key.address, address);
  return bytes;
}

/** The family is that of the service: the bytes do not tell. */
export function decodeCacheKey(bytes: Uint8Array, family: Family): CacheKey {
  return { service: cacheService(bytes), address: readAddress(bytes, key.address, family) };
}

/** The id of the service alone. */
export function cacheService(bytes: Uint8Array): number {
  return viewOf(bytes).getUint32(key.service, true);
}

export function encodeCacheEntry(entry: CacheEntry): Uint8Array {
  const bytes = new Uint8Array(SIZE.cache_entry);
  const view = viewOf(bytes);
  writeU64(view, at.last_use, entry.lastUse);
  writeU64(view, at.last_modified, entry.lastModified);
  view.setUint32(at.count, entry.members.length, true);
  for (const [index, member] of entry.members.entries()) view.setUint32(at.member + 4 * index, member, true);
  return bytes;
}

export function decodeCacheEntry(bytes: Uint8Array): CacheEntry {
  const view = viewOf(bytes);
  const count = Math.min(view.getUint32(at.count, true), CACHE_MEMBERS);
  return {
    lastUse: readU64(view, at.last_use),
    lastModified: readU64(view, at.last_modified),
    members: Array.from({ length: count }, (_, index) => view.getUint32(at.member + 4 * index, true)),
  };
}
