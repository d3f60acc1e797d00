import type { ScriptCommand } from '../../model/script-command.ts';
import { findProgram } from './find-program.ts';
import { scriptRisk } from './script-risk.ts';
import { resolveScriptUser } from './script-user.ts';

/**
 * Why running a command gives root's power to someone else; undefined where it does not run as root, where only root can change its
 * program, and where it cannot be started at all.
 *
 * @param own the effective user of this process, whose scripts without a user run as it
 */
export async function rootScriptRisk(
  command: ScriptCommand,
  own: number | undefined = process.geteuid?.(),
): Promise<string | undefined> {
  try {
    const user = await resolveScriptUser(command);
    if ((user?.uid ?? own) !== 0) return undefined;
    return await scriptRisk(await findProgram(command.argv[0] ?? '', user));
  } catch {
    // Whoever runs it is told why it does not start.
    return undefined;
  }
}
