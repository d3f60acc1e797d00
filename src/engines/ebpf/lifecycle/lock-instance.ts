import { ViprError } from '../../../model/error.ts';
import { DirectoryLock } from '../../../system/directory-lock.ts';
import type { Instance } from './instance.ts';

/** Makes the instance this process's alone. Throws DIRECTOR_RUNNING where another director has it. */
export function lockInstance({ name, directory }: Instance): DirectoryLock {
  const lock = DirectoryLock.take(directory);
  if (lock !== undefined) return lock;
  throw new ViprError(
    'DIRECTOR_RUNNING',
    `A director already runs the instance ${name}, pinned at ${directory}.`,
    {
      hint: 'Stop it first, or name another instance with --instance.',
    },
  );
}
