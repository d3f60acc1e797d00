import { EINTR, MSG_DONTWAIT, MSG_NOSIGNAL } from './constants.ts';
import { lastErrno, send } from './libc.ts';
import { SystemCallError } from './system-call-error.ts';

/** Gives a socket what it takes at once, of whatever mode it is; returns how many bytes. Throws a SystemCallError, EAGAIN where it takes none. */
export function sendNow(fd: number, bytes: Uint8Array): number {
  for (;;) {
    const sent = send(fd, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) return sent;
    if (lastErrno() !== EINTR) throw new SystemCallError('send');
  }
}
