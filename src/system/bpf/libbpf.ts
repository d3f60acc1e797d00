import koffi from 'koffi';
import type { Pointer } from '../libc.ts';
import { LibbpfUnavailableError } from './libbpf-unavailable-error.ts';

/** An object, program or map of libbpf. */
export type Handle = bigint | null;

/** The functions of bpf/libbpf.h that are in use. Numbers below 0 are negative errnos; a NULL leaves errno. */
export interface Libbpf {
  readonly version: string;
  readonly libbpf_set_print: (callback: bigint | null) => bigint | null;
  readonly bpf_object__open_mem: (bytes: Uint8Array, length: number, options: Pointer) => Handle;
  readonly bpf_object__load: (object: Handle) => number;
  readonly bpf_object__close: (object: Handle) => void;
  readonly bpf_object__next_program: (object: Handle, previous: Handle) => Handle;
  readonly bpf_object__next_map: (object: Handle, previous: Handle) => Handle;
  readonly bpf_program__name: (program: Handle) => string;
  readonly bpf_program__section_name: (program: Handle) => string;
  readonly bpf_program__type: (program: Handle) => number;
  readonly bpf_program__expected_attach_type: (program: Handle) => number;
  readonly bpf_program__set_autoload: (program: Handle, autoload: boolean) => number;
  readonly bpf_program__set_expected_attach_type: (program: Handle, type: number) => number;
  readonly bpf_program__set_type: (program: Handle, type: number) => number;
  readonly bpf_program__fd: (program: Handle) => number;
  readonly bpf_map__name: (map: Handle) => string;
  readonly bpf_map__type: (map: Handle) => number;
  readonly bpf_map__key_size: (map: Handle) => number;
  readonly bpf_map__value_size: (map: Handle) => number;
  readonly bpf_map__max_entries: (map: Handle) => number;
  readonly bpf_map__map_flags: (map: Handle) => number;
  readonly bpf_map__set_max_entries: (map: Handle, entries: number) => number;
  readonly bpf_map__set_map_flags: (map: Handle, flags: number) => number;
  readonly bpf_map__set_pin_path: (map: Handle, path: string | null) => number;
  readonly bpf_map__reuse_fd: (map: Handle, fd: number) => number;
  readonly bpf_map__set_inner_map_fd: (map: Handle, fd: number) => number;
  readonly bpf_map__set_autocreate: (map: Handle, autocreate: boolean) => number;
  readonly bpf_map__initial_value: (map: Handle, size: Uint8Array) => Handle;
  readonly bpf_map__set_initial_value: (map: Handle, bytes: Uint8Array, size: number) => number;
  readonly bpf_map__fd: (map: Handle) => number;
  readonly bpf_tc_hook_create: (hook: Uint8Array) => number;
  readonly bpf_tc_hook_destroy: (hook: Uint8Array) => number;
  readonly bpf_tc_attach: (hook: Uint8Array, options: Uint8Array) => number;
  readonly bpf_tc_detach: (hook: Uint8Array, options: Uint8Array) => number;
  readonly bpf_tc_query: (hook: Uint8Array, options: Uint8Array) => number;
}

let library: Libbpf | undefined;

/**
 * The system's libbpf, opened when it is first asked for. Throws a LibbpfUnavailableError where there is none, or only one
 * before 1.0, whose functions mean other things. It prints nothing from then on.
 */
export function libbpf(): Libbpf {
  library ??= openLibbpf();
  return library;
}

function openLibbpf(): Libbpf {
  const loaded = dlopen();
  const functionOf = (declaration: string) => {
    try {
      return loaded.func(declaration);
    } catch (error) {
      throw new LibbpfUnavailableError('the libbpf of this system is older than 1.0', { cause: error });
    }
  };
  const major: () => number = functionOf('uint libbpf_major_version()');
  const version: () => string = functionOf('str libbpf_version_string()');
  if (major() < 1) throw new LibbpfUnavailableError(`libbpf ${version()} is older than 1.0`);
  const opened: Libbpf = {
    version: version(),
    libbpf_set_print: functionOf('void* libbpf_set_print(void*)'),
    bpf_object__open_mem: functionOf('void* bpf_object__open_mem(void*, size_t, void*)'),
    bpf_object__load: functionOf('int bpf_object__load(void*)'),
    bpf_object__close: functionOf('void bpf_object__close(void*)'),
    bpf_object__next_program: functionOf('void* bpf_object__next_program(void*, void*)'),
    bpf_object__next_map: functionOf('void* bpf_object__next_map(void*, void*)'),
    bpf_program__name: functionOf('str bpf_program__name(void*)'),
    bpf_program__section_name: functionOf('str bpf_program__section_name(void*)'),
    bpf_program__type: functionOf('int bpf_program__type(void*)'),
    bpf_program__expected_attach_type: functionOf('int bpf_program__expected_attach_type(void*)'),
    bpf_program__set_autoload: functionOf('int bpf_program__set_autoload(void*, bool)'),
    bpf_program__set_expected_attach_type: functionOf(
      'int bpf_program__set_expected_attach_type(void*, int)',
    ),
    bpf_program__set_type: functionOf('int bpf_program__set_type(void*, int)'),
    bpf_program__fd: functionOf('int bpf_program__fd(void*)'),
    bpf_map__name: functionOf('str bpf_map__name(void*)'),
    bpf_map__type: functionOf('int bpf_map__type(void*)'),
    bpf_map__key_size: functionOf('uint bpf_map__key_size(void*)'),
    bpf_map__value_size: functionOf('uint bpf_map__value_size(void*)'),
    bpf_map__max_entries: functionOf('uint bpf_map__max_entries(void*)'),
    bpf_map__map_flags: functionOf('uint bpf_map__map_flags(void*)'),
    bpf_map__set_max_entries: functionOf('int bpf_map__set_max_entries(void*, uint)'),
    bpf_map__set_map_flags: functionOf('int bpf_map__set_map_flags(void*, uint)'),
    bpf_map__set_pin_path: functionOf('int bpf_map__set_pin_path(void*, str)'),
    bpf_map__reuse_fd: functionOf('int bpf_map__reuse_fd(void*, int)'),
    bpf_map__set_inner_map_fd: functionOf('int bpf_map__set_inner_map_fd(void*, int)'),
    bpf_map__set_autocreate: functionOf('int bpf_map__set_autocreate(void*, bool)'),
    bpf_map__initial_value: functionOf('void* bpf_map__initial_value(void*, void*)'),
    bpf_map__set_initial_value: functionOf('int bpf_map__set_initial_value(void*, void*, size_t)'),
    bpf_map__fd: functionOf('int bpf_map__fd(void*)'),
    bpf_tc_hook_create: functionOf('int bpf_tc_hook_create(void*)'),
    bpf_tc_hook_destroy: functionOf('int bpf_tc_hook_destroy(void*)'),
    bpf_tc_attach: functionOf('int bpf_tc_attach(void*, void*)'),
    bpf_tc_detach: functionOf('int bpf_tc_detach(void*, void*)'),
    bpf_tc_query: functionOf('int bpf_tc_query(void*, void*)'),
  };
  opened.libbpf_set_print(null);
  return opened;
}

function dlopen(): ReturnType<typeof koffi.load> {
  try {
    return koffi.load('libbpf.so.1');
  } catch (error) {
    throw new LibbpfUnavailableError('libbpf.so.1 cannot be loaded', { cause: error });
  }
}
