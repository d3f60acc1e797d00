/** Errnos that IPVS gives (asm-generic/errno-base.h, asm-generic/errno.h). */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  ERANGE: 34,
  EOPNOTSUPP: 95,
  EAFNOSUPPORT: 97,
} as const;

export type Errno = keyof typeof ERRNO;

/** What ends a request in the fake kernel. */
export class KernelRefusal extends Error {
  readonly errno: number;

  constructor(errno: Errno) {
    super(errno);
    this.errno = ERRNO[errno];
  }
}
