import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Where the director's control socket is: VIPR_SOCKET if it is set, /run/vipr/vipr.sock for root, below
 * XDG_RUNTIME_DIR for others, and below the temporary directory, in a directory of the user's own, for those without one.
 */
export function directorSocketPath(env: Readonly<Record<string, string | undefined>> = process.env): string {
  if (env.VIPR_SOCKET) return env.VIPR_SOCKET;
  const uid = process.geteuid?.();
  if (uid === 0) return '/run/vipr/vipr.sock';
  if (env.XDG_RUNTIME_DIR) return join(env.XDG_RUNTIME_DIR, 'vipr', 'vipr.sock');
  return join(tmpdir(), `vipr-${uid}`, 'vipr.sock');
}
