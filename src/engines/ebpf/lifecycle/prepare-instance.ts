import { mkdirSync } from 'node:fs';
import { ViprError } from '../../../model/error.ts';
import {
  BpfFileSystemError,
  ensureBpfFileSystem,
  USUAL_BPF_FILE_SYSTEM,
} from '../../../system/bpf/bpf-file-system.ts';
import type { DirectoryLock } from '../../../system/directory-lock.ts';
import { requireOwnNamespace } from './attachment-directory.ts';
import { explainDenial } from './explain-denial.ts';
import { type Instance, USUAL_BPF_DIRECTORY } from './instance.ts';
import { lockInstance } from './lock-instance.ts';

/**
 * Makes the instance's directory, mounting a BPF file system where there is none, and locks it. Throws DIRECTOR_RUNNING,
 * PERMISSION_DENIED, and ENGINE_UNAVAILABLE where nothing can be pinned or another network namespace has the instance.
 */
export function prepareInstance(instance: Instance): DirectoryLock {
  try {
    ensureBpfFileSystem(instance.root === USUAL_BPF_DIRECTORY ? USUAL_BPF_FILE_SYSTEM : instance.root);
    mkdirSync(instance.directory, { recursive: true, mode: 0o700 });
    const lock = lockInstance(instance);
    try {
      requireOwnNamespace(instance);
      return lock;
    } catch (error) {
      lock.release();
      throw error;
    }
  } catch (error) {
    if (!(error instanceof BpfFileSystemError)) throw explainDenial(error, instance);
    throw new ViprError('ENGINE_UNAVAILABLE', `${error.message}.`, { cause: error, hint: error.hint });
  }
}
