import { ViprError } from '../model/error.ts';
import { NetlinkError } from '../netlink/netlink-error.ts';

/** Runs `work`, and makes what the kernel or the file system refused a ViprError. */
export async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explain(error);
  }
}

function explain(cause: unknown): unknown {
  if (cause instanceof ViprError || !(cause instanceof Error)) return cause;
  const errno = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  // Anything else is a defect, and is told as one.
  if (!(cause instanceof NetlinkError) && errno === '') return cause;
  const message = `The system refused it: ${cause.message}.`;
  if (errno === 'EPERM' || errno === 'EACCES')
    return new ViprError('PERMISSION_DENIED', message, {
      cause,
      errno,
      hint: 'Run the command as root; what it did so far is recorded, and the next run goes on from there.',
    });
  return new ViprError('SYSTEM_CALL_FAILED', message, {
    cause,
    ...(errno === '' ? {} : { errno }),
    hint:
      errno === 'EROFS'
        ? 'In a container /proc/sys cannot be written: set it where the container is started.'
        : 'What was done so far is recorded: run setup again to go on, or undo to take it back.',
  });
}
