import { ScriptNotStartedError } from './script-not-started-error.ts';
import type { ScriptUser } from './script-user.ts';

/** What kept a program from being started, for people. */
export function whyNotStarted(error: unknown, program: string, user: ScriptUser | undefined): string {
  if (error instanceof ScriptNotStartedError) return error.message;
  const { code, message } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  switch (code) {
    // The file was there a moment ago, so it is what its first line names that is missing.
    case 'ENOENT':
      return `the interpreter that ${program} names in its first line is missing`;
    case 'EACCES':
      return `${program} may not be executed`;
    case 'EPERM':
      return user === undefined
        ? `${program} may not be executed`
        : `this process may not start programs as the user ${user.name}`;
    case 'ENOEXEC':
      return `${program} is no program that this machine can run`;
    case 'E2BIG':
      return `the arguments of ${program} are too long`;
    case 'EAGAIN':
    case 'EMFILE':
    case 'ENFILE':
    case 'ENOMEM':
      return `this process cannot start another one now (${code})`;
    default:
      return message ?? String(error);
  }
}
