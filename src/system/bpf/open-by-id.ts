import { BpfAttribute } from './bpf-attribute.ts';
import { bpf } from './bpf-call.ts';
import { BPF_LINK_GET_FD_BY_ID, BPF_MAP_GET_FD_BY_ID, BPF_PROG_GET_FD_BY_ID } from './constants.ts';

const COMMANDS = {
  map: BPF_MAP_GET_FD_BY_ID,
  program: BPF_PROG_GET_FD_BY_ID,
  link: BPF_LINK_GET_FD_BY_ID,
} as const;

/** A descriptor, for the caller to close, of what has an id. Needs CAP_SYS_ADMIN; ENOENT once it is gone. */
export function openById(kind: keyof typeof COMMANDS, id: number): number {
  return bpf(COMMANDS[kind], new BpfAttribute(12).setU32(0, id), `open ${kind} ${id}`);
}
