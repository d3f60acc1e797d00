import type { ScriptCommand } from '../../../model/script-command.ts';
import type { KeepalivedEnvironment } from '../keepalived-environment.ts';
import { PlacedText } from '../placed-text.ts';
import type { ProblemLog } from '../problem-log.ts';
import { quotedWords } from '../quoted-words.ts';
import { endOf, type Statement } from '../statement.ts';
import { shown } from '../value.ts';
import type { Word } from '../word.ts';
import type { ScriptUser } from './build-context.ts';

/** What a script's command line is read with. */
export interface ScriptContext {
  readonly log: ProblemLog;
  readonly environment: Pick<KeepalivedEnvironment, 'userExists'>;
  readonly scriptUser: ScriptUser;
}

/** `KEYWORD "program arguments" [user [group]]` (keepalived's core/notify.c, notify_script_init). */
export function scriptCommand(
  statement: Statement | undefined,
  { log, environment, scriptUser }: ScriptContext,
): ScriptCommand | undefined {
  if (statement === undefined) return undefined;
  const parts = quotedWords(statement.line, false);
  if ('message' in parts) {
    log.error(parts.place, parts.message);
    return undefined;
  }
  const [, command, ...owner] = parts;
  if (command === undefined) {
    log.error(endOf(statement), `${statement.keyword.text} misses its program`);
    return undefined;
  }
  const argv = argumentsOf(command, log);
  if (argv === undefined) return undefined;
  return { argv, ...(owner.length > 0 ? userOf(owner, environment, log) : scriptUser) };
}

/** The program and its arguments, which one word holds. */
export function argumentsOf(command: Word, log: ProblemLog): readonly string[] | undefined {
  const words = quotedWords(PlacedText.standingFor(command.text, command.place), true);
  if ('message' in words) log.error(words.place, words.message);
  else if ((words[0]?.text ?? '') === '') log.error(command.place, 'names no program');
  else if (words.some(({ text }) => text.includes('\0'))) log.error(command.place, 'holds a zero byte');
  else return words.map(({ text }) => text);
  return undefined;
}

/** `user [group]`; a colon before the group, or alone, asks for the user's further groups, which scripts have always. */
export function userOf(
  words: readonly Word[],
  environment: Pick<KeepalivedEnvironment, 'userExists'>,
  log: ProblemLog,
): ScriptUser {
  const [user, group, extra] = words;
  if (user === undefined) return {};
  if (!environment.userExists(user.text))
    log.warn(user.place, `there is no user ${shown(user.text)} on this host`);
  if (extra !== undefined) log.warn(extra.place, `${shown(extra.text)} has no meaning after user and group`);
  const name = group?.text.replace(/^:/, '') ?? '';
  return { user: user.text, ...(name !== '' && { group: name }) };
}
