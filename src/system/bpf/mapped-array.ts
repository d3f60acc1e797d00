import koffi from 'koffi';
import { MAP_SHARED, PROT_READ, PROT_WRITE } from '../constants.ts';
import { mmap, munmap } from '../libc.ts';
import { SystemCallError } from '../system-call-error.ts';
import type { BpfMap } from './bpf-map.ts';

const MAP_FAILED = 2n ** 64n - 1n;

/**
 * The values of an array map that was made with BPF_F_MMAPABLE (linux 5.5), as memory that programs see and write: reading one is no
 * system call. Access is not atomic but by `Atomics` over integers, and not ordered otherwise. The map's descriptor may be closed.
 */
export class MappedArray {
  /** All values; value `index` begins at `index * stride`. Empty after {@link close}. */
  readonly bytes: Uint8Array;
  /** A value's bytes, rounded up to a multiple of 8. */
  readonly stride: number;
  readonly #address: number | bigint;
  readonly #length: number;

  /** A SystemCallError with ENOTSUPP (524) or EINVAL for maps of other kinds. */
  constructor(map: BpfMap) {
    this.stride = Math.ceil(map.valueSize / 8) * 8;
    this.#length = this.stride * map.maxEntries;
    this.#address = mmap(null, this.#length, PROT_READ | PROT_WRITE, MAP_SHARED, map.fd, 0);
    if (BigInt(this.#address) === MAP_FAILED) throw new SystemCallError('mmap');
    this.bytes = new Uint8Array(koffi.view(BigInt(this.#address), this.#length));
  }

  /** Ends the mapping. Views of the memory are empty from then on: none of them can reach what is no longer there. */
  close(): void {
    const { buffer } = this.bytes;
    if (buffer.byteLength === 0 || buffer instanceof SharedArrayBuffer) return;
    buffer.transfer();
    munmap(this.#address, this.#length);
  }
}
