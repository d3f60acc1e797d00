import type { PlacedText } from './placed-text.ts';

/** A line without its comment, and what its end means. */
export interface StrippedLine {
  /** Without blanks at both ends; `\#` and `\!` have become `#` and `!`. */
  readonly text: PlacedText;
  /** Whether a backslash at its end continues it. */
  readonly continues: boolean;
  /** Where a quote was opened that is not closed in this line. */
  readonly openQuote?: number;
}

/**
 * Cuts off a comment: from the first `#` or `!` that is neither quoted by `"` nor escaped by a backslash (keepalived's lib/parser.c,
 * decomment).
 */
export function stripComment(line: PlacedText): StrippedLine {
  let text = line;
  let openQuote: number | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.text[at];
    if (character === '"') openQuote = openQuote === undefined ? at : undefined;
    else if (character === '\\') {
      const next = text.text[at + 1];
      if (next === undefined) {
        return {
          text: text.slice(0, at).trim(),
          continues: true,
          ...(openQuote !== undefined && { openQuote }),
        };
      }
      if (openQuote === undefined && (next === '#' || next === '!')) {
        text = text.slice(0, at).concat(text.slice(at + 1));
      } else at += 1;
    } else if (openQuote === undefined && (character === '!' || character === '#')) {
      return { text: text.slice(0, at).trim(), continues: false };
    }
  }
  return { text: text.trim(), continues: false, ...(openQuote !== undefined && { openQuote }) };
}
