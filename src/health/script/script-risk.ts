import type { Stats } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';

/** What {@link scriptRisk} reads of a file; absent where there is none. */
export type Inspect = (path: string) => Promise<Pick<Stats, 'uid' | 'gid' | 'mode'> | undefined>;

/**
 * Why running this file as root would give root's power to someone else: it, or a folder on the way to it, belongs to
 * another user or can be written by one. Undefined where nobody but root can change what runs, and for what does not exist.
 * The rules are those of keepalived's enable_script_security (core/notify.c, check_security); folders with the sticky bit
 * are allowed.
 *
 * @param path absolute; symbolic links are followed, and looked at, too
 */
export async function scriptRisk(path: string, inspect: Inspect = inspectFile): Promise<string | undefined> {
  if (!isAbsolute(path))
    return `${path} is not an absolute path, so it depends on the folder where it is run`;
  const real = await realpath(path).catch(() => path);
  for (const part of new Set([...upToRoot(path), ...upToRoot(real)])) {
    const found = await inspect(part);
    const risk = found === undefined ? undefined : riskOf(part, found);
    if (risk !== undefined) return risk;
  }
  return undefined;
}

function riskOf(path: string, { uid, gid, mode }: Pick<Stats, 'uid' | 'gid' | 'mode'>): string | undefined {
  if (uid !== 0) return `${path} belongs to the user ${uid}`;
  const type = mode & S_IFMT;
  // The mode of a link means nothing, and in a sticky folder nobody can replace what is root's.
  if (type === S_IFLNK || (type === S_IFDIR && (mode & S_ISVTX) !== 0)) return undefined;
  if ((mode & S_IWOTH) !== 0) return `${path} can be written by everybody`;
  if ((mode & S_IWGRP) !== 0 && gid !== 0) return `${path} can be written by the group ${gid}`;
  return undefined;
}

/** sys/stat.h */
const S_IFMT = 0o170000;
const S_IFDIR = 0o040000;
const S_IFLNK = 0o120000;
const S_ISVTX = 0o1000;
const S_IWGRP = 0o020;
const S_IWOTH = 0o002;

function upToRoot(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...upToRoot(parent), path];
}

function inspectFile(path: string): Promise<Stats | undefined> {
  return lstat(path).catch(() => undefined);
}
