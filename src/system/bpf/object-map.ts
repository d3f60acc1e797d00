import koffi from 'koffi';
import { F_DUPFD_CLOEXEC } from '../constants.ts';
import { fcntl, lastErrno } from '../libc.ts';
import { BpfAttribute } from './bpf-attribute.ts';
import { BpfError } from './bpf-error.ts';
import { BpfMap } from './bpf-map.ts';
import { type Handle, libbpf } from './libbpf.ts';

/** A map of a BpfObject. Settings apply to the load; the descriptor is there after it, and is the object's. */
export class ObjectMap {
  /** As in the C source: `.rodata`, where the kernel has `vipr.rodata`. */
  readonly name: string;
  readonly type: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly #handle: Handle;

  constructor(handle: Handle) {
    const library = libbpf();
    this.#handle = handle;
    // Before the load this is `vipr.rodata` for a section of globals.
    this.name = library.bpf_map__name(handle).replace(/^.*(?=\.(?:rodata|data|bss|kconfig))/, '');
    this.type = library.bpf_map__type(handle);
    this.keySize = library.bpf_map__key_size(handle);
    this.valueSize = library.bpf_map__value_size(handle);
  }

  get maxEntries(): number {
    return libbpf().bpf_map__max_entries(this.#handle);
  }

  get flags(): number {
    return libbpf().bpf_map__map_flags(this.#handle);
  }

  setMaxEntries(entries: number): void {
    this.#check('set_max_entries', libbpf().bpf_map__set_max_entries(this.#handle, entries));
  }

  setFlags(flags: number): void {
    this.#check('set_map_flags', libbpf().bpf_map__set_map_flags(this.#handle, flags));
  }

  /** The load takes the map that is pinned there, if it fits, or pins the one that it makes. Undefined pins nothing. */
  setPinPath(path: string | undefined): void {
    this.#check('set_pin_path', libbpf().bpf_map__set_pin_path(this.#handle, path ?? null));
  }

  /** The load takes this map instead of making one; the object has a descriptor of its own for it. */
  reuse(map: { readonly fd: number }): void {
    this.#check('reuse_fd', libbpf().bpf_map__reuse_fd(this.#handle, map.fd));
  }

  /** For maps of maps: one that is as the inner ones will be. It has to be open until the object is loaded. */
  setInnerMap(map: { readonly fd: number }): void {
    this.#check('set_inner_map_fd', libbpf().bpf_map__set_inner_map_fd(this.#handle, map.fd));
  }

  /** Whether the load makes this map; programs that use it have to be left out too. */
  setAutocreate(autocreate: boolean): void {
    this.#check('set_autocreate', libbpf().bpf_map__set_autocreate(this.#handle, autocreate));
  }

  /** A copy of what a section of globals begins with; a RangeError for other maps. */
  initialValue(): Uint8Array {
    const size = new BpfAttribute(8);
    const address = libbpf().bpf_map__initial_value(this.#handle, size.bytes);
    if (address === null) throw new RangeError(`map ${this.name} has no initial value`);
    return new Uint8Array(koffi.view(address, Number(size.u64(0)))).slice();
  }

  /** Sets the bytes of a section of globals, all of them, before the load. */
  setInitialValue(bytes: Uint8Array): void {
    this.#check('set_initial_value', libbpf().bpf_map__set_initial_value(this.#handle, bytes, bytes.length));
  }

  /** Throws where the map was not made. */
  get fd(): number {
    return this.#check('fd', libbpf().bpf_map__fd(this.#handle));
  }

  /** The loaded map, with a descriptor of its own that the caller closes and that outlives the object. */
  open(): BpfMap {
    return BpfMap.fromDescriptor(duplicate(this.fd));
  }

  #check(what: string, result: number): number {
    if (result < 0) throw new BpfError(`bpf_map__${what} ${this.name}`, -result);
    return result;
  }
}

function duplicate(fd: number): number {
  const copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (copy < 0) throw new BpfError('fcntl F_DUPFD_CLOEXEC', lastErrno());
  return copy;
}
