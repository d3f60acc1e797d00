import { BpfAttribute } from './bpf-attribute.ts';
import { bpf } from './bpf-call.ts';
import { BPF_OBJ_GET_INFO_BY_FD, BPF_OBJ_NAME_LENGTH } from './constants.ts';

/**
 * Fills `info` with what the kernel tells of a map, program or link: `struct bpf_map_info` and the others of linux/bpf.h. What
 * an older kernel does not know stays as it was.
 */
export function readObjectInfo(fd: number, info: BpfAttribute): BpfAttribute {
  const attribute = new BpfAttribute(16).setU32(0, fd).setU32(4, info.bytes.length).setPointer(8, info.bytes);
  bpf(BPF_OBJ_GET_INFO_BY_FD, attribute, 'BPF_OBJ_GET_INFO_BY_FD');
  return info;
}

/** The object's name at an offset of its info. */
export function objectName(info: BpfAttribute, offset: number): string {
  const bytes = info.bytes.subarray(offset, offset + BPF_OBJ_NAME_LENGTH);
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(bytes.subarray(0, end < 0 ? bytes.length : end));
}
