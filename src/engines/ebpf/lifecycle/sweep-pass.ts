import { read } from 'node:fs';
import { BpfAttribute } from '../../../system/bpf/bpf-attribute.ts';
import { bpf } from '../../../system/bpf/bpf-call.ts';
import type { BpfLink } from '../../../system/bpf/bpf-link.ts';
import { BPF_ITER_CREATE } from '../../../system/bpf/constants.ts';
import { close } from '../../../system/libc.ts';

/**
 * Walks over the map of an iterator once, off this thread. The program writes a byte after each chunk of entries (bpf/sweep.h), and a read
 * of one byte ends there, so that no call runs long in the kernel. `goOn` is asked between chunks. Returns how many chunks began.
 */
export async function sweepPass(iterator: BpfLink, goOn: () => boolean): Promise<number> {
  const fd = bpf(BPF_ITER_CREATE, new BpfAttribute(8).setU32(0, iterator.fd), 'BPF_ITER_CREATE');
  const byte = new Uint8Array(1);
  let chunks = 0;
  try {
    while (goOn() && (await readSome(fd, byte))) chunks += 1;
    return chunks;
  } finally {
    close(fd);
  }
}

/** False at the end. The kernel ends a long read without output by EAGAIN (kernel/bpf/bpf_iter.c, bpf_seq_read). */
function readSome(fd: number, into: Uint8Array): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  read(fd, into, 0, into.length, null, (error, length) => {
    if (error === null) resolve(length > 0);
    else if (error.code === 'EAGAIN') resolve(true);
    else reject(error);
  });
  return promise;
}
