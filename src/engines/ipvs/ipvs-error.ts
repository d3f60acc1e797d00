import { ViprError, type ViprErrorCode } from '../../model/error.ts';
import type { Operation } from '../../model/operation.ts';
import { NetlinkError } from '../../netlink/netlink-error.ts';
import { refusalOf } from './ipvs-refusal.ts';

/** The ViprError for what a request ended with; `operation` is what it was to carry out, if it was a change. */
export function toViprError(error: Error, operation?: Operation): ViprError {
  if (error instanceof ViprError) return error;
  if (error instanceof RangeError) return notRepresentable(error, operation);
  if (!(error instanceof NetlinkError)) throw error;
  switch (error.kind) {
    case 'refused':
      return ofErrno(error, operation);
    case 'system-call':
      return isPermission(error)
        ? permissionDenied(error)
        : failed('SYSTEM_CALL_FAILED', error, 'The message says which call failed, and why.');
    case 'overrun':
    case 'interrupted':
    case 'timeout':
      return failed('ENGINE_FAILED', error, 'List the table to see what was done, and try again.');
    case 'malformed':
      return failed('ENGINE_FAILED', error, 'Report it with the version of the kernel (uname -r).');
    case 'closed':
      return failed('ENGINE_FAILED', error, 'Open the engine again.');
    default:
      error.kind satisfies never;
      throw error;
  }
}

function ofErrno(error: NetlinkError, operation: Operation | undefined): ViprError {
  const refusal = operation && refusalOf(operation, error);
  if (refusal !== undefined) return withCause(refusal, error);
  if (isPermission(error)) return permissionDenied(error);
  return failed(
    'SYSTEM_CALL_FAILED',
    error,
    'The kernel log (dmesg) may say more; the module ip_vs may be going away.',
  );
}

function isPermission({ code }: NetlinkError): boolean {
  return code === 'EPERM' || code === 'EACCES';
}

/** For who has no CAP_NET_ADMIN. */
export function permissionDenied(cause?: Error): ViprError {
  return new ViprError(
    'PERMISSION_DENIED',
    "the kernel's IPVS answers only to administrators of the network",
    {
      errno: 'EPERM',
      hint: 'Run it as root, or with the capability CAP_NET_ADMIN.',
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

/** A number that has no form on the wire: the same refusal as the kernel's for one that has. */
function notRepresentable(error: RangeError, operation: Operation | undefined): ViprError {
  const code = operation?.kind === 'set-timeouts' ? 'INVALID_OPERATION' : 'OUT_OF_RANGE';
  return new ViprError(code, `${operation?.kind ?? 'the request'}: ${error.message}`, {
    hint: 'Give a number in the range that the message names.',
    cause: error,
  });
}

/** A refusal in vipr's words, with the kernel's own behind it. */
function withCause({ code, message, hint }: ViprError, cause: NetlinkError): ViprError {
  const words = cause.kernelMessage === undefined ? '' : ` (kernel: ${cause.kernelMessage})`;
  return new ViprError(code, `${message}${words}`, {
    errno: cause.code,
    cause,
    ...(hint === undefined ? {} : { hint }),
  });
}

function failed(code: ViprErrorCode, error: NetlinkError, hint: string): ViprError {
  return new ViprError(code, error.message, {
    hint,
    cause: error,
    ...(error.code === '' ? {} : { errno: error.code }),
  });
}
