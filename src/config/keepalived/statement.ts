import type { Keyword } from './keyword/keyword-table.ts';
import type { Place } from './place.ts';
import type { PlacedText } from './placed-text.ts';
import type { Word } from './word.ts';

/** A keyword with what follows it. */
export interface Statement {
  readonly keyword: Word;
  readonly meaning: Keyword;
  /** The words after the keyword; of quoted keywords too, parted as if they were not. */
  readonly values: readonly Word[];
  /** The whole line, for keywords that part their words by other rules. */
  readonly line: PlacedText;
  /** What its braces hold, where they hold keywords. */
  readonly body?: readonly Statement[];
  /** What its braces hold, where they hold lines of words. */
  readonly entries?: readonly Entry[];
}

/** A line of words; at least one. */
export type Entry = readonly [Word, ...Word[]];

/** Where what is missing at the end of a statement should have been. */
export function endOf({ line }: Pick<Statement, 'line'>): Place {
  return line.placeAt(line.length);
}
