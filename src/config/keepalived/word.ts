import type { Place } from './place.ts';
import type { PlacedText } from './placed-text.ts';

/** A word of a line. */
export interface Word {
  readonly text: string;
  readonly place: Place;
  /** The keyword that it is a value of. */
  readonly of?: string;
}

/** A quote that is not closed. */
export interface OpenQuote {
  readonly openQuote: Place;
}

/**
 * The words of a line, parted by white space; `"…"` is one word, also where it touches another one (keepalived's lib/parser.c,
 * alloc_strvec_r). Words after a quote that is not closed are left out.
 */
export function splitWords(line: PlacedText): readonly Word[] & Partial<OpenQuote> {
  const words: Word[] & { openQuote?: Place } = [];
  for (const match of line.text.matchAll(/"([^"]*)("?)|[^\s"]+/g)) {
    const place = line.placeAt(match.index);
    if (match[1] !== undefined && match[2] === '') {
      words.openQuote = place;
      break;
    }
    words.push({ text: match[1] ?? match[0], place });
  }
  return words;
}
