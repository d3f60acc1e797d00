import { closeSync, constants, openSync } from 'node:fs';
import { EAGAIN, LOCK_EX, LOCK_NB } from './constants.ts';
import { flock, lastErrno } from './libc.ts';
import { SystemCallError } from './system-call-error.ts';

/** A directory that is one process's alone, until it lets go of it or ends in whatever way (flock(2)). */
export class DirectoryLock {
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Undefined where another holds it. Throws what `open` throws, and a SystemCallError. */
  static take(directory: string): DirectoryLock | undefined {
    const fd = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
    if (flock(fd, LOCK_EX | LOCK_NB) === 0) return new DirectoryLock(fd);
    const errno = lastErrno();
    closeSync(fd);
    if (errno === EAGAIN) return undefined;
    throw new SystemCallError('flock', errno);
  }

  release(): void {
    closeSync(this.#fd);
  }
}
