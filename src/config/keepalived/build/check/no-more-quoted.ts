import type { ProblemLog } from '../../problem-log.ts';
import { shown } from '../../value.ts';
import type { Word } from '../../word.ts';

/** Tells of words behind a quoted one: a command with arguments, or a pattern with blanks, needs quotes around all of it. */
export function noMoreQuoted([extra]: readonly Word[], keyword: string, log: ProblemLog): void {
  if (extra === undefined) return;
  log.warn(
    extra.place,
    `${shown(extra.text)} has no meaning after ${keyword}: blanks need quotes around the whole`,
  );
}
