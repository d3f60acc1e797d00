import { EFD_CLOEXEC, EFD_NONBLOCK } from './constants.ts';
import { close, eventfd, write } from './libc.ts';
import { SystemCallError } from './system-call-error.ts';

const ONE = new Uint8Array(BigUint64Array.of(1n).buffer);

/**
 * Opens an eventfd(2) by which one thread wakes another out of epoll_wait. Registered with EPOLLET it never needs
 * reading: each ring is a new edge.
 */
export function openDoorbell(): number {
  const fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0) throw new SystemCallError('eventfd');
  return fd;
}

export function ringDoorbell(fd: number): void {
  write(fd, ONE, 8);
}

export function closeDoorbell(fd: number): void {
  close(fd);
}
