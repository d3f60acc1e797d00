import { readSync } from 'node:fs';
import { close } from '../libc.ts';
import { BpfAttribute } from './bpf-attribute.ts';
import { bpf } from './bpf-call.ts';
import { BpfLink } from './bpf-link.ts';
import { BPF_ITER_CREATE, BPF_LINK_CREATE, BPF_TRACE_ITER } from './constants.ts';

/**
 * A program of section `iter/bpf_map_elem` on a map of type hash or array, LRU and per-CPU ones too, linux 5.9: each walk runs it for
 * each entry. The link can be updated and pinned as others; closing is the caller's.
 */
export function createMapIterator(program: { readonly fd: number }, map: { readonly fd: number }): BpfLink {
  const target = new BpfAttribute(4).setU32(0, map.fd);
  const attribute = new BpfAttribute(32)
    .setU32(0, program.fd)
    .setU32(8, BPF_TRACE_ITER)
    .setPointer(16, target.bytes)
    .setU32(24, target.bytes.length);
  return new BpfLink(bpf(BPF_LINK_CREATE, attribute, 'BPF_LINK_CREATE iterator'));
}

/**
 * One walk over the map, in steps, each a read of at most `most` bytes of what the program writes (bpf_seq_write). The kernel
 * runs the program until it wrote that much, or a million times, so a program that writes one byte an entry makes `most` the number
 * of entries a step; it yields nothing for a step without output. The next step overwrites the bytes.
 */
export function* walk(iterator: BpfLink, most: number): Generator<Uint8Array, void, undefined> {
  const fd = bpf(BPF_ITER_CREATE, new BpfAttribute(8).setU32(0, iterator.fd), 'BPF_ITER_CREATE');
  const bytes = new Uint8Array(most);
  try {
    for (;;) {
      const length = readStep(fd, bytes);
      if (length === 0) return;
      yield bytes.subarray(0, length ?? 0);
    }
  } finally {
    close(fd);
  }
}

/** Undefined where the kernel stopped after as many entries as it takes at once: kernel/bpf/bpf_iter.c, bpf_seq_read. */
function readStep(fd: number, bytes: Uint8Array): number | undefined {
  try {
    return readSync(fd, bytes);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return undefined;
    throw error;
  }
}
