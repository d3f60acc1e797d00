import { readFile } from 'node:fs/promises';
import type { ScriptCommand } from '../../model/script-command.ts';
import { ScriptNotStartedError } from './script-not-started-error.ts';

/** Whom a script runs as. */
export interface ScriptUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Without `gid`. */
  readonly supplementaryGroups: readonly number[];
  readonly home: string;
}

/** The files of passwd(5) and group(5). */
export interface UserFiles {
  readonly passwd: string;
  readonly group: string;
}

const SYSTEM: UserFiles = { passwd: '/etc/passwd', group: '/etc/group' };

/**
 * Whom a command runs as: undefined where it names neither a user nor a group. A group without a user is a group of the
 * user of this process. Throws a ScriptNotStartedError where a name is unknown.
 */
export async function resolveScriptUser(
  { user, group }: Pick<ScriptCommand, 'user' | 'group'>,
  files: UserFiles = SYSTEM,
): Promise<ScriptUser | undefined> {
  if (user === undefined && group === undefined) return undefined;
  const users = await readEntries(files.passwd);
  const groups = await readEntries(files.group);

  const uid = String(process.getuid?.() ?? 0);
  const entry = users.find(([name, , number]) => (user === undefined ? number === uid : name === user));
  if (entry === undefined) throw unknown('user', user ?? uid, files.passwd);
  const [name = '', , , ownGid, , home = '/'] = entry;

  let gid = Number(ownGid);
  if (group !== undefined) {
    const [, , number] = groups.find(([known]) => known === group) ?? [];
    if (number === undefined) throw unknown('group', group, files.group);
    gid = Number(number);
  }
  const supplementaryGroups = groups
    .filter(([, , , members = '']) => members.split(',').includes(name))
    .map(([, , number]) => Number(number))
    .filter((number) => number !== gid);
  return { name, uid: Number(entry[2]), gid, supplementaryGroups, home };
}

/** Lines of fields between colons; those of other sources, `+name` and the like, are left out. */
async function readEntries(file: string): Promise<string[][]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new ScriptNotStartedError(`${file} cannot be read (${error.code ?? error.message})`);
  });
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .filter(([, , number = '']) => /^\d+$/.test(number));
}

function unknown(kind: string, name: string, file: string): ScriptNotStartedError {
  return new ScriptNotStartedError(`there is no ${kind} ${name} in ${file}`);
}
