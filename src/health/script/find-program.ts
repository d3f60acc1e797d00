import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SCRIPT_PATH } from './script-environment.ts';
import { ScriptNotStartedError } from './script-not-started-error.ts';
import type { ScriptUser } from './script-user.ts';

/**
 * The path of a program: as it is where it has a slash, else the first one of that name in {@link SCRIPT_PATH}. Throws a
 * ScriptNotStartedError where it is missing or its mode keeps the user, or this process, from executing it.
 */
export async function findProgram(name: string, user?: ScriptUser): Promise<string> {
  if (name === '') throw new ScriptNotStartedError('the command is empty');
  if (name.includes('/')) {
    explainUnlessExecutable(name, await stat(name).catch(explain(name)), user);
    return name;
  }
  for (const folder of SCRIPT_PATH.split(':')) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() && mayExecute(found, user)) return path;
  }
  throw new ScriptNotStartedError(`there is no program ${name} in ${SCRIPT_PATH}`);
}

function explainUnlessExecutable(path: string, found: Stats, user: ScriptUser | undefined): void {
  if (!found.isFile()) throw new ScriptNotStartedError(`${path} is not a file`);
  if (mayExecute(found, user)) return;
  const who = user === undefined ? '' : ` by ${user.name}`;
  throw new ScriptNotStartedError(`${path} is not executable${who}: its mode is ${octal(found.mode)}`);
}

/** As the kernel's generic_permission (fs/namei.c) decides it, access control lists aside. */
function mayExecute(file: Stats, user: ScriptUser | undefined): boolean {
  const uid = user?.uid ?? process.geteuid?.() ?? 0;
  if (uid === 0) return (file.mode & 0o111) !== 0;
  if (file.uid === uid) return (file.mode & 0o100) !== 0;
  const groups =
    user === undefined
      ? [process.getegid?.() ?? 0, ...(process.getgroups?.() ?? [])]
      : [user.gid, ...user.supplementaryGroups];
  return (file.mode & (groups.includes(file.gid) ? 0o010 : 0o001)) !== 0;
}

function explain(path: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR')
      throw new ScriptNotStartedError(`no such file: ${path}`);
    throw new ScriptNotStartedError(`${path} cannot be reached (${error.code ?? error.message})`);
  };
}

function octal(mode: number): string {
  return `0${(mode & 0o7777).toString(8)}`;
}
