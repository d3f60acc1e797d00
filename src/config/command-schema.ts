import { z } from 'zod';
import type { ScriptCommand } from '../model/script-command.ts';
import { duration } from './duration.ts';
import { field } from './field-doc.ts';
import { parsed } from './parsed.ts';
import { mapping, text } from './schema-part.ts';
import { splitWords } from './split-words.ts';

/** A program of vipr.yaml: its words as one text or as a list, alone or with whom it runs as. */

const WORDS = 'a program and its arguments, as one text or as a list of words';
const error = `must be ${WORDS}`;

const words = parsed(
  z.union([z.string({ error }).max(65_536, { error }), z.array(z.string({ error }), { error })], { error }),
  (value) => {
    const found = typeof value === 'string' ? splitWords(value) : value;
    return found === undefined || (found[0] ?? '') === '' || found.some(hasNul) ? undefined : found;
  },
  `${WORDS}, with every quote closed`,
);

export const commandMapping = mapping({
  command: field(
    words,
    'the program and its arguments: a list of words, or one text that is split at blanks, with quotes and backslashes as in a shell. There is no shell: no variables, no pipes',
    'command: [/usr/local/bin/notify, --state, up]',
  ),
  user: field(
    text('the name of a user', 64).optional(),
    'the name of a user that it runs as',
    'user: nobody',
    "the director's",
  ),
  group: field(
    text('the name of a group', 64).optional(),
    'the name of a group that it runs as',
    'group: nogroup',
    "the user's",
  ),
  timeout: field(
    duration(1).optional(),
    'a [duration](#durations) after which it is ended, with what it started',
    'timeout: 10s',
    'the time that the check has; 60 s for others',
  ),
});

/** A command of either form. */
export const command = z
  .union([words, commandMapping], { error: `${error}, or a mapping with command, user, group and timeout` })
  .transform(
    (given): ScriptCommand =>
      Array.isArray(given)
        ? { argv: given }
        : {
            argv: given.command,
            ...(given.user !== undefined && { user: given.user }),
            ...(given.group !== undefined && { group: given.group }),
            ...(given.timeout !== undefined && { timeout: given.timeout }),
          },
  );

function hasNul(word: string): boolean {
  return word.includes('\0');
}
