import koffi from 'koffi';
import { vsnprintf } from '../libc.ts';
import { libbpf } from './libbpf.ts';

/** Warnings and information; debugging messages are left out. enum libbpf_print_level */
const MOST_VERBOSE = 1;
/** Enough for what a `va_list` is on x86-64 (24 bytes) and arm64 (32). */
const VA_LIST_LENGTH = 32;

const CALLBACK = koffi.pointer(koffi.proto('int vipr_libbpf_print(int, void*, void*)'));

/**
 * Carries out `work`, and returns what it returned with what libbpf said meanwhile: the verifier's log is part of that. libbpf has
 * one printer for the whole process, so two threads must not do this at the same time.
 */
export function withLibbpfMessages<T>(work: () => T): { readonly result: T; readonly messages: string } {
  const library = libbpf();
  const messages: string[] = [];
  const callback = koffi.register((level: number, template: bigint, list: bigint) => {
    if (level <= MOST_VERBOSE) messages.push(format(template, list));
    return 0;
  }, CALLBACK);
  try {
    library.libbpf_set_print(callback);
    return { result: work(), messages: messages.join('') };
  } finally {
    library.libbpf_set_print(null);
    koffi.unregister(callback);
  }
}

function format(template: bigint, list: bigint): string {
  // Formatting uses the list up, and the length is not known before.
  const copy = new Uint8Array(koffi.view(list, VA_LIST_LENGTH)).slice();
  const text = new Uint8Array(vsnprintf(null, 0, template, copy) + 1);
  vsnprintf(text, text.length, template, list);
  return new TextDecoder().decode(text.subarray(0, -1));
}
