import { type FileHandle, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ViprError } from '../model/error.ts';

/**
 * Writes a file so that whoever reads it finds the old text or the new one, whole, also after a crash. A file that is there keeps its
 * mode and owner, and a symbolic link still leads to it. Throws SYSTEM_CALL_FAILED, with the file as it was.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  try {
    await replace(await targetOf(path), text);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new ViprError('SYSTEM_CALL_FAILED', `${path} cannot be written: ${message}.`, {
      cause,
      errno: String(code),
      hint: 'Give a file in a directory that this user may write; what was there is as it was.',
    });
  }
}

async function replace(target: string, text: string): Promise<void> {
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}`);
  const file = await open(temporary, 'wx', 0o666);
  try {
    try {
      await takeAfter(file, target);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await unlink(temporary);
    throw error;
  }
}

/** Where a symbolic link leads; one that leads nowhere is an error. */
async function targetOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return path;
    throw error;
  }
}

async function takeAfter(file: FileHandle, target: string): Promise<void> {
  const before = await stat(target).catch(() => undefined);
  if (before === undefined) return;
  const { uid, gid } = await file.stat();
  // Only root can give files away; the mode comes last, because a change of owner takes its special bits.
  if (uid !== before.uid || gid !== before.gid)
    await file.chown(before.uid, before.gid).catch(() => undefined);
  await file.chmod(before.mode & 0o7777);
}
