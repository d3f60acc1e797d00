import { readFileSync } from 'node:fs';
import { lastErrno } from '../libc.ts';
import { BpfAttribute, zeroTerminated } from './bpf-attribute.ts';
import { BpfError } from './bpf-error.ts';
import { type Handle, libbpf } from './libbpf.ts';
import { withLibbpfMessages } from './libbpf-messages.ts';
import { ObjectMap } from './object-map.ts';
import { ObjectProgram } from './object-program.ts';
import { type Constant, readConstants } from './read-constants.ts';

/** A value for a constant: numbers and booleans little-endian in as many bytes as the constant has. */
export type ConstantValue = number | bigint | boolean | Uint8Array;

/**
 * A compiled BPF object: opened, then configured through its programs and maps, then loaded, through the system's libbpf.
 * What fails is a BpfError whose log has libbpf's messages and the verifier's; without libbpf a LibbpfUnavailableError.
 */
export class BpfObject {
  readonly programs: ReadonlyMap<string, ObjectProgram>;
  readonly maps: ReadonlyMap<string, ObjectMap>;
  readonly name: string;
  readonly #constants: ReadonlyMap<string, Constant>;
  #handle: Handle;

  private constructor(handle: Handle, name: string, constants: ReadonlyMap<string, Constant>) {
    this.#handle = handle;
    this.name = name;
    this.#constants = constants;
    const { bpf_object__next_program, bpf_object__next_map } = libbpf();
    this.programs = new Map(
      [...follow(handle, bpf_object__next_program)]
        .map((each) => new ObjectProgram(each))
        .map((each) => [each.name, each]),
    );
    this.maps = new Map(
      [...follow(handle, bpf_object__next_map)]
        .map((each) => new ObjectMap(each))
        .map((each) => [each.name, each]),
    );
  }

  /** Opens an ELF file that clang made for BPF, by its path or its bytes. `name` is for messages, and for names of maps such as `.rodata`. */
  static open(source: string | Uint8Array, name = 'vipr'): BpfObject {
    const bytes = typeof source === 'string' ? new Uint8Array(readFileSync(source)) : source;
    // struct bpf_object_open_opts of bpf/libbpf.h: its size, then the name.
    const options = new BpfAttribute(16).setU64(0, 16n).setPointer(8, zeroTerminated(name));
    const { result, messages } = withLibbpfMessages(() => {
      const handle = libbpf().bpf_object__open_mem(bytes, bytes.length, options.bytes);
      return { handle, errno: handle === null ? lastErrno() : options.referenced };
    });
    if (result.handle === null) throw new BpfError(`bpf_object__open ${name}`, result.errno, messages);
    return new BpfObject(result.handle, name, readConstants(bytes));
  }

  /** Throws a RangeError that names the programs there are. */
  program(name: string): ObjectProgram {
    return find(this.programs, name, `${this.name} has no program`);
  }

  /** By the name in the C source; constants are in `.rodata`. Throws a RangeError that names the maps there are. */
  map(name: string): ObjectMap {
    return find(this.maps, name, `${this.name} has no map`);
  }

  /**
   * Sets `const volatile` globals before the load; the verifier takes them as known and leaves out what they switch off. Throws a
   * RangeError for names that the object does not have, and for values that do not fit.
   */
  setConstants(values: Readonly<Record<string, ConstantValue>>): void {
    for (const [name, value] of Object.entries(values)) {
      const { section, offset, size } = find(this.#constants, name, `${this.name} has no constant`);
      const map = this.map(section);
      const bytes = map.initialValue();
      bytes.set(encode(name, value, size), offset);
      map.setInitialValue(bytes);
    }
  }

  /** The constants that {@link setConstants} can set, with their bytes in memory. */
  get constants(): ReadonlyMap<string, Constant> {
    return this.#constants;
  }

  /** Makes the maps and loads the programs, all or none. Needs CAP_BPF and what the programs' types ask for. */
  load(): void {
    const { result, messages } = withLibbpfMessages(() => libbpf().bpf_object__load(this.#handle));
    if (result < 0) throw new BpfError(`bpf_object__load ${this.name}`, -result, messages);
  }

  /** Closes all descriptors of the object; what is pinned, attached, or in a descriptor of the caller's own lives on. */
  close(): void {
    if (this.#handle === null) return;
    libbpf().bpf_object__close(this.#handle);
    this.#handle = null;
  }
}

function* follow(object: Handle, next: (object: Handle, previous: Handle) => Handle): Generator<Handle> {
  for (let each = next(object, null); each !== null; each = next(object, each)) yield each;
}

function find<T>(entries: ReadonlyMap<string, T>, name: string, complaint: string): T {
  const found = entries.get(name);
  if (found === undefined)
    throw new RangeError(`${complaint} ${name}: it has ${[...entries.keys()].join(', ') || 'none'}`);
  return found;
}

function encode(name: string, value: ConstantValue, size: number): Uint8Array {
  if (value instanceof Uint8Array) {
    if (value.length !== size)
      throw new RangeError(`constant ${name} has ${size} bytes, not ${value.length}`);
    return value;
  }
  const number = BigInt(value);
  const bits = BigInt(8 * size);
  if (size > 8 || number >= 1n << bits || number < -(1n << (bits - 1n)))
    throw new RangeError(`constant ${name} has ${size} bytes, which ${value} does not fit`);
  const bytes = new BpfAttribute(8).setU64(0, BigInt.asUintN(64, number)).bytes;
  return bytes.subarray(0, size);
}
