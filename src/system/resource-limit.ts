import { readFileSync } from 'node:fs';
import { RLIMIT_NOFILE } from './constants.ts';
import { getrlimit, setrlimit } from './libc.ts';
import { SystemCallError } from './system-call-error.ts';

/**
 * Raises the limit on open descriptors as far as this process may: where it is privileged to the largest that the system
 * allows any process (fs.nr_open), else to its hard limit. Returns the limit that is in force then.
 */
export function raiseDescriptorLimit(): number {
  const wanted = Number(readFileSync('/proc/sys/fs/nr_open', 'utf8'));
  const limits = new BigUint64Array(2);
  const bytes = new Uint8Array(limits.buffer);
  if (getrlimit(RLIMIT_NOFILE, bytes) < 0) throw new SystemCallError('getrlimit');
  const [soft = 0n, hard = 0n] = limits;
  if (soft >= BigInt(wanted)) return Number(soft);
  limits.fill(BigInt(wanted));
  if (setrlimit(RLIMIT_NOFILE, bytes) === 0) return wanted;
  limits.fill(hard);
  return setrlimit(RLIMIT_NOFILE, bytes) === 0 ? Number(hard) : Number(soft);
}
