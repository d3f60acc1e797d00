import { getSystemErrorMap } from 'node:util';
import { EOPNOTSUPP } from '../system/constants.ts';

/**
 * What went wrong:
 * - `refused`: the kernel answered with an error, named by `errno`;
 * - `system-call`: the socket failed, named by `errno`;
 * - `overrun`: answers were lost, as more came than the socket's buffer holds: whether the request was done is unknown;
 * - `interrupted`: a table changed during every attempt to list it;
 * - `timeout`: no answer came in time;
 * - `malformed`: an answer breaks the format;
 * - `closed`: the connection was closed.
 */
export type NetlinkErrorKind =
  | 'refused'
  | 'system-call'
  | 'overrun'
  | 'interrupted'
  | 'timeout'
  | 'malformed'
  | 'closed';

export interface NetlinkErrorOptions extends ErrorOptions {
  readonly errno?: number;
  /** What was asked for. */
  readonly request?: string | undefined;
  readonly kernelMessage?: string | undefined;
  readonly offset?: number | undefined;
}

/** A netlink request that failed. */
export class NetlinkError extends Error {
  override readonly name = 'NetlinkError';
  readonly kind: NetlinkErrorKind;
  /** The errno that the kernel or the system call gave; 0 where there is none. */
  readonly errno: number;
  /** The errno's name, `EINVAL`; empty where there is none. */
  readonly code: string;
  /** What was asked for, such as `RTM_NEWROUTE`; empty where nothing was. */
  readonly request: string;
  /** The kernel's own words (extended acknowledgement, NLMSGERR_ATTR_MSG), where it gave any. */
  readonly kernelMessage: string | undefined;
  /** Where in the request the attribute is that the kernel objects to (NLMSGERR_ATTR_OFFS), in bytes from its start. */
  readonly offset: number | undefined;

  constructor(kind: NetlinkErrorKind, text: string, options: NetlinkErrorOptions = {}) {
    const { errno = 0, request = '', kernelMessage, offset } = options;
    super(request === '' ? text : `${request}: ${text}`, options);
    this.kind = kind;
    this.errno = errno;
    this.code = errno === 0 ? '' : errnoName(errno);
    this.request = request;
    this.kernelMessage = kernelMessage;
    this.offset = offset;
  }
}

/** What the kernel refused, in its own words where it gave any. */
export function refused(errno: number, options: NetlinkErrorOptions): NetlinkError {
  const { kernelMessage, offset } = options;
  const where = offset === undefined ? '' : `, at byte ${offset} of the request`;
  const words = kernelMessage === undefined ? '' : `: ${kernelMessage}`;
  const text = `${errnoText(errno)} (${errnoName(errno)}${where})${words}`;
  return new NetlinkError('refused', text, { ...options, errno });
}

export function malformed(text: string): NetlinkError {
  return new NetlinkError('malformed', text);
}

/**
 * `EINVAL` of 22; `E<number>` for what has no name. libuv's ENOTSUP is EOPNOTSUPP here: the same number on Linux, and what
 * netlink's documentation says.
 */
export function errnoName(errno: number): string {
  return errno === EOPNOTSUPP ? 'EOPNOTSUPP' : (getSystemErrorMap().get(-errno)?.[0] ?? `E${errno}`);
}

function errnoText(errno: number): string {
  return getSystemErrorMap().get(-errno)?.[1] ?? 'refused';
}
