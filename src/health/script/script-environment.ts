import type { ScriptUser } from './script-user.ts';

/** Where programs without a slash in their name are looked for, and what scripts get as PATH. */
export const SCRIPT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The variables that every script gets: nothing of the director's own, which may hold secrets. */
export function scriptEnvironment(user: ScriptUser | undefined): Record<string, string> {
  const environment = { PATH: SCRIPT_PATH, LANG: 'C.UTF-8' };
  if (user === undefined) return environment;
  return { ...environment, HOME: user.home, USER: user.name, LOGNAME: user.name };
}
