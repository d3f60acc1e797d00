import { ViprError } from '../../../model/error.ts';
import type { Instance } from './instance.ts';

/** PERMISSION_DENIED in the place of what a file or system call says without privileges; other errors as they are. */
export function explainDenial(error: unknown, { directory }: Instance): unknown {
  if (!(error instanceof Error) || error instanceof ViprError) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'EACCES' && code !== 'EPERM') return error;
  return new ViprError('PERMISSION_DENIED', `${directory} cannot be used: ${error.message}`, {
    cause: error,
    errno: code,
    hint: 'Run as root, or give the service CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON and a BPF directory that it owns.',
  });
}
