import { mkdirSync, statfsSync } from 'node:fs';
import { mount } from '../libc.ts';
import { SystemCallError } from '../system-call-error.ts';
import { BPF_FS_MAGIC } from './constants.ts';

/** Where distributions mount it. */
export const USUAL_BPF_FILE_SYSTEM = '/sys/fs/bpf';

/** A directory is no BPF file system, and cannot be made one. */
export class BpfFileSystemError extends Error {
  override readonly name = 'BpfFileSystemError';
  /** What to do about it. */
  readonly hint: string;

  constructor(directory: string, cause: Error) {
    super(`${directory} is not on a BPF file system, and none can be mounted there: ${cause.message}`, {
      cause,
    });
    this.hint = `Run \`mount -t bpf bpf ${USUAL_BPF_FILE_SYSTEM}\` as root, and pin below it.`;
  }
}

/** Whether a directory exists and lies on a BPF file system; only there can be pinned. */
export function isBpfFileSystem(directory: string): boolean {
  try {
    return statfsSync(directory).type === BPF_FS_MAGIC;
  } catch {
    return false;
  }
}

/**
 * Mounts a BPF file system on the directory, which is made where it is missing, unless it is on one already. Needs CAP_SYS_ADMIN;
 * throws a BpfFileSystemError with a hint.
 */
export function ensureBpfFileSystem(directory: string): void {
  if (isBpfFileSystem(directory)) return;
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    throw new BpfFileSystemError(directory, error instanceof Error ? error : new Error(String(error)));
  }
  // mkdir on a BPF file system makes it part of that.
  if (isBpfFileSystem(directory)) return;
  if (mount('bpf', directory, 'bpf', 0, null) < 0)
    throw new BpfFileSystemError(directory, new SystemCallError('mount'));
}
