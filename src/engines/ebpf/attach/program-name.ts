import { BpfError } from '../../../system/bpf/bpf-error.ts';
import { openById } from '../../../system/bpf/open-by-id.ts';
import { readProgramInfo } from '../../../system/bpf/program-info.ts';
import { close } from '../../../system/libc.ts';

/** A program's name; undefined where it is gone, or this process may not ask (CAP_SYS_ADMIN). */
export function programName(id: number): string | undefined {
  try {
    const fd = openById('program', id);
    try {
      return readProgramInfo(fd).name;
    } finally {
      close(fd);
    }
  } catch (error) {
    if (error instanceof BpfError) return undefined;
    throw error;
  }
}
