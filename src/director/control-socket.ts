import { type BigIntStats, lstatSync, unlinkSync } from 'node:fs';
import { chmod, mkdir, stat } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { dirname } from 'node:path';
import { ViprError } from '../model/error.ts';

/** sockaddr_un.sun_path has 108 bytes, the last of them 0 (unix(7)). */
const PATH_MAX_BYTES = 107;

/**
 * Makes a server listen on a control socket of mode 0600. A socket that nobody answers on is replaced.
 * Throws DIRECTOR_RUNNING where somebody does, PERMISSION_DENIED, and USAGE for a path that cannot be one.
 * Closing the server removes the socket.
 */
export async function openControlSocket(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > PATH_MAX_BYTES) {
    throw new ViprError('USAGE', `The socket's path ${path} is longer than ${PATH_MAX_BYTES} bytes.`, {
      hint: 'Give a shorter one with --socket or VIPR_SOCKET.',
    });
  }
  try {
    await prepareDirectory(dirname(path));
    await removeStaleSocket(path);
    await listen(server, path);
    // A default ACL of the directory goes before the umask.
    await chmod(path, 0o600);
  } catch (error) {
    throw explain(error, path);
  }
}

/** With its parents. Node.js's own `recursive` never ends where a parent cannot be made, as in /proc. */
async function makeDirectory(directory: string, mode: number): Promise<void> {
  const attempt = (): Promise<void> => mkdir(directory, { mode });
  try {
    await attempt();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(directory)).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(directory) === directory) throw error;
    await makeDirectory(dirname(directory), mode);
    await attempt();
  }
}

/** Root's directory may be looked into by all, since the socket is for root alone; others keep theirs to themselves. */
async function prepareDirectory(directory: string): Promise<void> {
  const self = process.geteuid?.();
  await makeDirectory(directory, self === 0 ? 0o755 : 0o700);
  const { uid, mode } = await stat(directory);
  const ofAnother = self !== 0 && uid !== 0 && uid !== self;
  const openToAll = (mode & 0o1002) === 0o0002;
  if (ofAnother || openToAll) {
    const reason = ofAnother ? 'belongs to another user' : 'may be written by all users';
    throw new ViprError('PERMISSION_DENIED', `The socket's directory ${directory} ${reason}.`, {
      hint: 'Give a path in a directory of your own with --socket or VIPR_SOCKET.',
    });
  }
}

async function removeStaleSocket(path: string): Promise<void> {
  const found = look(path);
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new ViprError('USAGE', `${path} exists and is not a socket.`, {
      hint: 'Remove it, or give another path with --socket or VIPR_SOCKET.',
    });
  }
  if (await answers(path)) throw running(path);
  // Another director may have replaced it since; its socket stays, and `listen` finds the path taken. Without an await
  // between the look and the removal hardly any time is left for that.
  const now = look(path);
  if (now?.ino === found.ino && now.ctimeNs === found.ctimeNs) unlinkSync(path);
}

function look(path: string): BigIntStats | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false });
}

/** Whether somebody listens on a socket; a full backlog (EAGAIN) is somebody. */
function answers(path: string): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const probe = connect(path);
  probe.on('connect', () => resolve(true));
  probe.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EAGAIN') resolve(true);
    else if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false);
    else reject(error);
  });
  return promise.finally(() => probe.destroy());
}

function listen(server: Server, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.once('listening', () => {
    server.off('error', reject);
    resolve();
  });
  // The socket is bound within the call, so that it never exists with a wider mode.
  const previous = process.umask(0o177);
  try {
    server.listen(path);
  } finally {
    process.umask(previous);
  }
  return promise;
}

function explain(error: unknown, path: string): unknown {
  if (error instanceof ViprError || !(error instanceof Error)) return error;
  const errno = String((error as NodeJS.ErrnoException).code);
  if (errno === 'EADDRINUSE') return running(path);
  const denied = errno === 'EACCES' || errno === 'EPERM';
  return new ViprError(
    denied ? 'PERMISSION_DENIED' : 'SYSTEM_CALL_FAILED',
    `The control socket ${path} cannot be opened: ${error.message}.`,
    { cause: error, errno, hint: 'Give a path that this user may write with --socket or VIPR_SOCKET.' },
  );
}

function running(path: string): ViprError {
  return new ViprError('DIRECTOR_RUNNING', `A director already runs at ${path}.`, {
    hint: 'Stop it first, or give this one a socket of its own with --socket.',
  });
}
