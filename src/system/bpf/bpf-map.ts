import { EEXIST, ENOENT } from '../constants.ts';
import { close } from '../libc.ts';
import { BpfAttribute } from './bpf-attribute.ts';
import { bpf, tryBpf } from './bpf-call.ts';
import { BpfError } from './bpf-error.ts';
import * as c from './constants.ts';
import { readMapInfo } from './map-info.ts';
import { possibleCpus } from './possible-cpus.ts';

/** What a new map is to be: `union bpf_attr` of BPF_MAP_CREATE. Sizes are in bytes, of one value where there is one a CPU. */
export interface BpfMapOptions {
  readonly type: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags?: number;
  /** Cut after 15 bytes; the kernel takes letters, digits, `_` and `.`. */
  readonly name?: string;
  /** For maps of maps: a map that is as the inner ones will be. */
  readonly innerMap?: { readonly fd: number };
  /** With BPF_F_NUMA_NODE. */
  readonly numaNode?: number;
}

/** `any` sets, `new` refuses a key that is there, `existing` one that is not. */
export type UpdateMode = 'any' | 'new' | 'existing';

const UPDATE_FLAGS = { any: c.BPF_ANY, new: c.BPF_NOEXIST, existing: c.BPF_EXIST } as const;

const PER_CPU_TYPES: readonly number[] = [
  c.BPF_MAP_TYPE_PERCPU_HASH,
  c.BPF_MAP_TYPE_PERCPU_ARRAY,
  c.BPF_MAP_TYPE_LRU_PERCPU_HASH,
  c.BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE,
];

/**
 * A BPF map by its descriptor, which it owns. Keys and values are bytes of exactly {@link keySize} and {@link valueSize};
 * other lengths are a RangeError, what the kernel refuses a BpfError. No call allocates but `lookup` and `nextKey` without a
 * buffer.
 */
export class BpfMap {
  readonly fd: number;
  readonly name: string;
  readonly type: number;
  readonly keySize: number;
  /** Bytes of a value on this side: for per-CPU maps {@link cpus} values of {@link valueStride} bytes each. */
  readonly valueSize: number;
  /** Values a key has: 1, or one for each possible CPU. */
  readonly cpus: number;
  /** Bytes from one CPU's value to the next; a multiple of 8 for per-CPU maps. */
  readonly valueStride: number;
  readonly maxEntries: number;
  readonly #key: Uint8Array;
  readonly #value: Uint8Array;
  readonly #nextKey: Uint8Array;
  readonly #element: BpfAttribute;
  readonly #deletion: BpfAttribute;
  readonly #following: BpfAttribute;

  private constructor(fd: number, options: BpfMapOptions) {
    const perCpu = PER_CPU_TYPES.includes(options.type);
    this.fd = fd;
    this.name = options.name ?? '';
    this.type = options.type;
    this.keySize = options.keySize;
    this.cpus = perCpu ? possibleCpus() : 1;
    this.valueStride = perCpu ? Math.ceil(options.valueSize / 8) * 8 : options.valueSize;
    this.valueSize = this.valueStride * this.cpus;
    this.maxEntries = options.maxEntries;
    this.#key = new Uint8Array(this.keySize);
    this.#value = new Uint8Array(this.valueSize);
    this.#nextKey = new Uint8Array(this.keySize);
    this.#element = new BpfAttribute(32).setU32(0, fd).setPointer(8, this.#key).setPointer(16, this.#value);
    // Commands refuse bytes behind their last field, which for this one is the key.
    this.#deletion = new BpfAttribute(16).setU32(0, fd).setPointer(8, this.#key);
    this.#following = new BpfAttribute(32).setU32(0, fd).setPointer(16, this.#nextKey);
  }

  /** Needs CAP_BPF, or for some types CAP_NET_ADMIN. */
  static create(options: BpfMapOptions): BpfMap {
    const attribute = new BpfAttribute(72)
      .setU32(0, options.type)
      .setU32(4, options.keySize)
      .setU32(8, options.valueSize)
      .setU32(12, options.maxEntries)
      .setU32(16, options.flags ?? 0)
      .setU32(20, options.innerMap?.fd ?? 0)
      .setU32(24, options.numaNode ?? 0)
      .setName(28, options.name ?? '', c.BPF_OBJ_NAME_LENGTH);
    const fd = bpf(c.BPF_MAP_CREATE, attribute, `BPF_MAP_CREATE ${options.name ?? ''}`.trimEnd());
    return new BpfMap(fd, options);
  }

  /** The map behind a descriptor, which from now on is the map's to close; also if this throws. */
  static fromDescriptor(fd: number): BpfMap {
    try {
      return new BpfMap(fd, readMapInfo(fd));
    } catch (error) {
      close(fd);
      throw error;
    }
  }

  /** The key's value in `into`, or in new bytes; undefined where the map has no such key. */
  lookup(key: Uint8Array, into: Uint8Array = new Uint8Array(this.valueSize)): Uint8Array | undefined {
    this.#takeKey(key);
    this.#check('value', into, this.valueSize);
    this.#element.setU64(24, 0n);
    const result = tryBpf(c.BPF_MAP_LOOKUP_ELEM, this.#element);
    if (result === -ENOENT) return undefined;
    if (result < 0) throw this.#error('BPF_MAP_LOOKUP_ELEM', result);
    into.set(this.#value);
    return into;
  }

  /** False where `mode` forbids it: the key is there, or is not. A full map is a BpfError with E2BIG. */
  update(key: Uint8Array, value: Uint8Array, mode: UpdateMode = 'any'): boolean {
    this.#takeKey(key);
    this.#check('value', value, this.valueSize);
    this.#value.set(value);
    this.#element.setU64(24, BigInt(UPDATE_FLAGS[mode]));
    const result = tryBpf(c.BPF_MAP_UPDATE_ELEM, this.#element);
    if (result >= 0) return true;
    if (mode === 'new' && result === -EEXIST) return false;
    if (mode === 'existing' && result === -ENOENT) return false;
    throw this.#error('BPF_MAP_UPDATE_ELEM', result);
  }

  /** False where there was no such key. Arrays refuse it with EINVAL. */
  delete(key: Uint8Array): boolean {
    this.#takeKey(key);
    const result = tryBpf(c.BPF_MAP_DELETE_ELEM, this.#deletion);
    if (result >= 0) return true;
    if (result === -ENOENT) return false;
    throw this.#error('BPF_MAP_DELETE_ELEM', result);
  }

  /**
   * The key behind `key`, or the first one; undefined at the end. Where `key` is gone a hash begins anew: pages
   * ({@link readPages}) do not.
   */
  nextKey(
    key: Uint8Array | undefined,
    into: Uint8Array = new Uint8Array(this.keySize),
  ): Uint8Array | undefined {
    this.#check('key', into, this.keySize);
    if (key !== undefined) this.#takeKey(key);
    this.#following.setPointer(8, key === undefined ? undefined : this.#key);
    const result = tryBpf(c.BPF_MAP_GET_NEXT_KEY, this.#following);
    if (result === -ENOENT) return undefined;
    if (result < 0) throw this.#error('BPF_MAP_GET_NEXT_KEY', result);
    into.set(this.#nextKey);
    return into;
  }

  /** From now on no system call changes the map; programs still do unless it was made with BPF_F_RDONLY_PROG. */
  freeze(): void {
    bpf(c.BPF_MAP_FREEZE, new BpfAttribute(4).setU32(0, this.fd), this.#what('BPF_MAP_FREEZE'));
  }

  /** The map lives on where a pin, a program or another map holds it. */
  close(): void {
    close(this.fd);
  }

  #takeKey(key: Uint8Array): void {
    this.#check('key', key, this.keySize);
    this.#key.set(key);
  }

  #check(what: 'key' | 'value', bytes: Uint8Array, length: number): void {
    if (bytes.length === length) return;
    throw new RangeError(`map ${this.name}: a ${what} has ${length} bytes, not ${bytes.length}`);
  }

  #what(command: string): string {
    return this.name === '' ? command : `${command} ${this.name}`;
  }

  #error(command: string, result: number): BpfError {
    return new BpfError(this.#what(command), -result);
  }
}
