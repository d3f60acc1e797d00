import { getSystemErrorMap } from 'node:util';
import { lastErrno } from './libc.ts';

/** A system call that failed: which, and the errno by number and name. */
export class SystemCallError extends Error {
  override readonly name = 'SystemCallError';
  readonly call: string;
  readonly errno: number;
  /** `EADDRINUSE` and the like; `E123` where the number has no name. */
  readonly code: string;

  /** Takes errno from the calling thread's last failed call unless one is given. */
  constructor(call: string, errno: number = lastErrno()) {
    const [code, text] = getSystemErrorMap().get(-errno) ?? [`E${errno}`, 'unknown error'];
    super(`${call}: ${text} (${code})`);
    this.call = call;
    this.errno = errno;
    this.code = code;
  }
}
