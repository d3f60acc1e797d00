import { EINTR, ENOENT, ENOSPC } from '../constants.ts';
import { BpfAttribute } from './bpf-attribute.ts';
import { tryBpf } from './bpf-call.ts';
import { BpfError } from './bpf-error.ts';
import type { BpfMap } from './bpf-map.ts';
import { BPF_MAP_LOOKUP_BATCH } from './constants.ts';

/** Entries of a map, one behind the other. The next page overwrites them. */
export interface MapPage {
  readonly count: number;
  /** `count` keys of `keySize` bytes, then rubbish. */
  readonly keys: Uint8Array;
  /** `count` values of `valueSize` bytes, then rubbish. */
  readonly values: Uint8Array;
}

const MOST_INTERRUPTIONS = 64;

/**
 * A map's entries in pages of at most `pageSize`, by BPF_MAP_LOOKUP_BATCH, linux 5.6. An entry that is there all the while comes
 * once; one that comes or goes meanwhile may. A page is one system call and is not bounded otherwise, so the caller can
 * do something else between pages. Where one bucket of a hash holds more than a page the page grows.
 */
export function* readPages(map: BpfMap, pageSize = 1024): Generator<MapPage, void, undefined> {
  let room = Math.max(1, Math.min(pageSize, map.maxEntries));
  let keys = new Uint8Array(room * map.keySize);
  let values = new Uint8Array(room * map.valueSize);
  // A hash's cursor is a bucket's number, other types have a key: generic_map_lookup_batch of kernel/bpf/syscall.c.
  const cursor = new Uint8Array(Math.max(4, map.keySize));
  const attribute = new BpfAttribute(56).setU32(36, map.fd).setPointer(8, cursor);
  let interruptions = 0;
  for (;;) {
    attribute.setPointer(16, keys).setPointer(24, values).setU32(32, room);
    const result = tryBpf(BPF_MAP_LOOKUP_BATCH, attribute);
    if (result === -ENOSPC) {
      // Nothing was taken, and the cursor is where it was.
      room = Math.min(room * 2, Math.max(map.maxEntries, room + 1));
      keys = new Uint8Array(room * map.keySize);
      values = new Uint8Array(room * map.valueSize);
      continue;
    }
    // An entry vanished again and again while a type other than hashes was read.
    const interrupted = result === -EINTR && ++interruptions < MOST_INTERRUPTIONS;
    if (result < 0 && result !== -ENOENT && !interrupted)
      throw new BpfError(`BPF_MAP_LOOKUP_BATCH ${map.name}`, -result);
    const count = attribute.u32(32);
    if (count > 0) {
      yield { count, keys, values };
      attribute.setPointer(0, cursor);
    }
    if (result === -ENOENT) return;
  }
}
