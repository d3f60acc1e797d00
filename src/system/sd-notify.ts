import { AF_UNIX, MSG_NOSIGNAL, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK } from './constants.ts';
import { close, sendto, socket } from './libc.ts';
import { SystemCallError } from './system-call-error.ts';

/** Room for the path of a struct sockaddr_un (unix(7)), in bytes, and where it begins. */
const PATH_BYTES = 108;
const PATH_AT = 2;
const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * Sends one notification to the service manager that listens on `path`, the value of NOTIFY_SOCKET (sd_notify(3)): an absolute
 * path, or `@` and a name in the abstract namespace. `assignments` are lines such as `READY=1`, of one datagram.
 * Throws a SystemCallError, and a TypeError for a path that is no address of this kind (vsock, relative, too long). Never blocks:
 * where the manager does not read, the datagram is EAGAIN.
 */
export function sdNotify(path: string, assignments: readonly string[]): void {
  const address = unixAddress(path);
  const fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) throw new SystemCallError('socket');
  try {
    const message = Buffer.from(`${assignments.join('\n')}\n`);
    if (sendto(fd, message, message.length, MSG_NOSIGNAL, address, address.length) < 0) {
      throw new SystemCallError('sendto');
    }
  } finally {
    close(fd);
  }
}

/** struct sockaddr_un, as long as it has to be: the name of an abstract socket ends where the address does. */
export function unixAddress(path: string): Uint8Array {
  const name = Buffer.from(path);
  const abstract = path.startsWith('@');
  if (!abstract && !path.startsWith('/'))
    throw new TypeError(`${path} is neither an absolute path nor @name`);
  // A path is followed by a zero byte.
  const length = abstract ? name.length : name.length + 1;
  if (name.length < 2 || length > PATH_BYTES) {
    throw new TypeError(`${path} has ${name.length} bytes, and may have from 2 to ${PATH_BYTES - 1}`);
  }
  const address = new Uint8Array(PATH_AT + length);
  address[LITTLE_ENDIAN ? 0 : 1] = AF_UNIX;
  address.set(name, PATH_AT);
  if (abstract) address[PATH_AT] = 0;
  return address;
}
