import type { ProblemLog } from '../../problem-log.ts';
import { endOf, type Statement } from '../../statement.ts';
import { oneWord, shown, wholeNumber } from '../../value.ts';
import type { Word } from '../../word.ts';

/** The limit of an interface's name and of a label, without the byte that ends it (linux/if.h, IFNAMSIZ). */
export const LONGEST_INTERFACE = 15;
const LONGEST_NAME = 255;

/** The name after the keyword of a block, which no other one has; told where it is missing. */
export function blockName(
  { keyword, values, ...rest }: Statement,
  taken: (name: string) => boolean,
  log: ProblemLog,
): string | undefined {
  const [name, extra] = values;
  if (extra !== undefined) log.warn(extra.place, `${shown(extra.text)} has no meaning after ${keyword.text}`);
  if (name === undefined || name.text === '') log.error(endOf(rest), `${keyword.text} misses its name`);
  else if (taken(name.text)) log.error(name, `${keyword.text} ${name.text} is already given`);
  else if (name.text.length > LONGEST_NAME || /\p{Cc}/u.test(name.text)) {
    log.error(name, `must be a name of at most ${LONGEST_NAME} characters, not ${shown(name.text)}`);
  } else return name.text;
  return undefined;
}

export function interfaceWord(word: Word, log: ProblemLog): string | undefined {
  if (/^\S+$/.test(word.text) && word.text.length <= LONGEST_INTERFACE) return word.text;
  log.error(
    word,
    `must be a name without blanks, of at most ${LONGEST_INTERFACE} characters, not ${shown(word.text)}`,
  );
  return undefined;
}

export function interfaceName(statement: Statement | undefined, log: ProblemLog): string | undefined {
  const word = statement && oneWord(statement, log);
  return word && interfaceWord(word, log);
}

/** `weight N [reverse]` as words; undefined where it is wrong. */
export function weightOf(
  [word, direction, extra]: readonly Word[],
  end: Word | Statement,
  log: ProblemLog,
): { readonly weight: number; readonly reverse: boolean } | undefined {
  if (word === undefined) {
    log.error('line' in end ? endOf(end) : end, 'weight misses its value');
    return undefined;
  }
  if (direction !== undefined && direction.text !== 'reverse' && direction.text !== 'noreverse') {
    log.error(direction, `must be reverse or noreverse, not ${shown(direction.text)}`);
  }
  if (extra !== undefined) log.warn(extra.place, `${shown(extra.text)} has no meaning after weight`);
  const weight = wholeNumber(word, -254, 254, log);
  if (weight === undefined) return undefined;
  const kept = Math.max(-253, Math.min(253, weight));
  if (kept !== weight) log.warn(word.place, `weight ${weight} becomes ${kept}, as by keepalived`);
  return { weight: 0 + kept, reverse: direction?.text === 'reverse' };
}
