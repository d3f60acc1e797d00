import { BpfAttribute } from './bpf-attribute.ts';
import { objectName, readObjectInfo } from './object-info.ts';

/** `struct bpf_map_info` of linux/bpf.h; sizes are in bytes, of one value where there is one a CPU. */
export interface BpfMapInfo {
  readonly type: number;
  readonly id: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
  readonly name: string;
}

export function readMapInfo(fd: number): BpfMapInfo {
  const info = readObjectInfo(fd, new BpfAttribute(80));
  return {
    type: info.u32(0),
    id: info.u32(4),
    keySize: info.u32(8),
    valueSize: info.u32(12),
    maxEntries: info.u32(16),
    flags: info.u32(20),
    name: objectName(info, 24),
  };
}
