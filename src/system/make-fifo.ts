import { mkfifo } from './libc.ts';
import { SystemCallError } from './system-call-error.ts';

/** Makes a named pipe (mkfifo(3)) with these permissions, less the umask. Throws a SystemCallError, also where there is something. */
export function makeFifo(path: string, mode: number): void {
  if (mkfifo(path, mode) !== 0) throw new SystemCallError('mkfifo');
}
