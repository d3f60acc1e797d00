import { CLONE_NEWNET } from '../../src/system/constants.ts';
import { unshare } from '../../src/system/libc.ts';
import { SystemCallError } from '../../src/system/system-call-error.ts';

/**
 * Takes the calling thread into a network namespace of its own, with nothing but a loopback that is down; it ends with the
 * process. Returns why that cannot be, or undefined. node:test runs each file in its own process, so a file that calls this
 * has a network to itself.
 */
export function enterOwnNetwork(): string | undefined {
  if (unshare(CLONE_NEWNET) === 0) return undefined;
  return `needs a network namespace of its own: ${new SystemCallError('unshare').message}`;
}
