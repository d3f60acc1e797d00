import { BpfAttribute, zeroTerminated } from './bpf-attribute.ts';
import { bpf } from './bpf-call.ts';
import { BPF_OBJ_GET, BPF_OBJ_PIN } from './constants.ts';

/**
 * Gives a map, program or link a name in a BPF file system: it lives on as long as the file, which `rm` ends. Errors: EEXIST
 * where something has the name, EPERM outside a BPF file system ({@link ensureBpfFileSystem}), ENOENT without the directory.
 */
export function pin(object: { readonly fd: number }, path: string): void {
  const attribute = new BpfAttribute(16).setPointer(0, zeroTerminated(path)).setU32(8, object.fd);
  bpf(BPF_OBJ_PIN, attribute, `BPF_OBJ_PIN ${path}`);
}

/** A new descriptor of what is pinned there, for the caller to close: `BpfMap.fromDescriptor` and `BpfLink` take it. */
export function openPinned(path: string): number {
  const attribute = new BpfAttribute(16).setPointer(0, zeroTerminated(path));
  return bpf(BPF_OBJ_GET, attribute, `BPF_OBJ_GET ${path}`);
}
