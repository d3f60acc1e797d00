import koffi from 'koffi';

/** A buffer, an address inside one, or NULL. */
export type Pointer = Uint8Array | bigint | null;

/**
 * The C library. glibc first, then musl under the name of its architecture.
 *
 * Each call below returns what the system call returns: -1 means failure, and {@link lastErrno} tells why. None of them
 * allocates; arguments are not checked.
 */
const libc = loadFirst(['libc.so.6', `libc.musl-${process.arch === 'x64' ? 'x86_64' : 'aarch64'}.so.1`]);

/** errno of the calling thread's last failed call. */
export const lastErrno: () => number = koffi.errno;

/** The address of a buffer's first byte, for structures that hold pointers. The caller keeps the buffer alive. */
export const addressOf: (buffer: Uint8Array) => bigint = koffi.address;

export const socket: (domain: number, type: number, protocol: number) => number =
  libc.func('int socket(int, int, int)');
export const bind: (fd: number, address: Pointer, length: number) => number = libc.func(
  'int bind(int, void*, uint)',
);
export const listen: (fd: number, backlog: number) => number = libc.func('int listen(int, int)');
export const connect: (fd: number, address: Pointer, length: number) => number = libc.func(
  'int connect(int, void*, uint)',
);
export const accept4: (fd: number, address: Pointer, length: Pointer, flags: number) => number = libc.func(
  'int accept4(int, void*, void*, int)',
);
export const shutdown: (fd: number, how: number) => number = libc.func('int shutdown(int, int)');
export const dup3: (from: number, to: number, flags: number) => number = libc.func('int dup3(int, int, int)');
export const close: (fd: number) => number = libc.func('int close(int)');
export const mkfifo: (path: string, mode: number) => number = libc.func('int mkfifo(str, uint)');
export const recv: (fd: number, buffer: Pointer, length: number, flags: number) => number = libc.func(
  'intptr_t recv(int, void*, size_t, int)',
);
export const send: (fd: number, buffer: Pointer, length: number, flags: number) => number = libc.func(
  'intptr_t send(int, void*, size_t, int)',
);
export const recvfrom: (
  fd: number,
  buffer: Pointer,
  length: number,
  flags: number,
  address: Pointer,
  addressLength: Pointer,
) => number = libc.func('intptr_t recvfrom(int, void*, size_t, int, void*, void*)');
export const sendto: (
  fd: number,
  buffer: Pointer,
  length: number,
  flags: number,
  address: Pointer,
  addressLength: number,
) => number = libc.func('intptr_t sendto(int, void*, size_t, int, void*, uint)');
/** recvmsg(2) into a struct msghdr. */
export const recvmsg: (fd: number, header: Pointer, flags: number) => number = libc.func(
  'intptr_t recvmsg(int, void*, int)',
);
export const setsockopt: (
  fd: number,
  level: number,
  option: number,
  value: Pointer,
  length: number,
) => number = libc.func('int setsockopt(int, int, int, void*, uint)');
export const getsockopt: (
  fd: number,
  level: number,
  option: number,
  value: Pointer,
  length: Pointer,
) => number = libc.func('int getsockopt(int, int, int, void*, void*)');
export const getsockname: (fd: number, address: Pointer, length: Pointer) => number = libc.func(
  'int getsockname(int, void*, void*)',
);
export const getpeername: (fd: number, address: Pointer, length: Pointer) => number = libc.func(
  'int getpeername(int, void*, void*)',
);
export const epoll_create1: (flags: number) => number = libc.func('int epoll_create1(int)');
export const epoll_ctl: (epoll: number, operation: number, fd: number, event: Pointer) => number = libc.func(
  'int epoll_ctl(int, int, int, void*)',
);
export const epoll_wait: (epoll: number, events: Pointer, most: number, milliseconds: number) => number =
  libc.func('int epoll_wait(int, void*, int, int)');
export const eventfd: (value: number, flags: number) => number = libc.func('int eventfd(uint, int)');
export const write: (fd: number, buffer: Pointer, length: number) => number = libc.func(
  'intptr_t write(int, void*, size_t)',
);
/**
 * Receives up to `count` datagrams into the struct mmsghdr of `headers`; returns how many came. No time limit is taken:
 * pass MSG_DONTWAIT.
 */
export const recvmmsg: (fd: number, headers: Pointer, count: number, flags: number, timeout: null) => number =
  libc.func('int recvmmsg(int, void*, uint, int, void*)');
/**
 * {@link epoll_wait} on a thread of libuv's pool: `done` hears its result on this thread. The events must stay alive until
 * then, and {@link lastErrno} does not speak of this call.
 */
export const epoll_wait_async: (
  epoll: number,
  events: Pointer,
  most: number,
  milliseconds: number,
  done: (error: Error | null, count: number) => void,
) => void = libc.func('int epoll_wait(int, void*, int, int)').async;
export const inet_pton: (family: number, text: string, address: Pointer) => number = libc.func(
  'int inet_pton(int, str, void*)',
);
/** Returns the text, or null where it does not fit into `length` bytes. */
export const inet_ntop: (family: number, address: Pointer, text: Pointer, length: number) => string | null =
  libc.func('str inet_ntop(int, void*, void*, uint)');
export const unshare: (flags: number) => number = libc.func('int unshare(int)');
/** syscall(2), for calls without a function of their own that take an int, a pointer and a length, as bpf(2) does. */
export const syscall: (number: number, first: number, second: Pointer, third: number) => number = libc.func(
  'intptr_t syscall(long, int, void*, uint)',
);
/** fcntl(2) for commands that take an int. */
export const fcntl: (fd: number, command: number, argument: number) => number =
  libc.func('int fcntl(int, int, int)');
/** flock(2) */
export const flock: (fd: number, operation: number) => number = libc.func('int flock(int, int)');
export const mount: (
  source: string,
  target: string,
  type: string,
  flags: number,
  data: string | null,
) => number = libc.func('int mount(str, str, str, ulong, str)');
export const umount2: (target: string, flags: number) => number = libc.func('int umount2(str, int)');
/** The address, or 2^64 - 1, which is MAP_FAILED. */
export const getpagesize: () => number = libc.func('int getpagesize()');
export const mmap: (
  address: null,
  length: number,
  protection: number,
  flags: number,
  fd: number,
  offset: number,
) => number | bigint = libc.func('uintptr_t mmap(void*, size_t, int, int, int, intptr_t)');
export const munmap: (address: number | bigint, length: number) => number = libc.func(
  'int munmap(uintptr_t, size_t)',
);
/** vsnprintf(3) with the `va_list` of a callback, which x86-64 and arm64 pass as its address. */
export const vsnprintf: (buffer: Pointer, length: number, format: Pointer, list: Pointer) => number =
  libc.func('int vsnprintf(void*, size_t, void*, void*)');
export const getrlimit: (resource: number, limit: Pointer) => number = libc.func('int getrlimit(int, void*)');
export const setrlimit: (resource: number, limit: Pointer) => number = libc.func('int setrlimit(int, void*)');

function loadFirst(names: readonly string[]): ReturnType<typeof koffi.load> {
  let failure: unknown;
  for (const name of names) {
    try {
      return koffi.load(name);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}
