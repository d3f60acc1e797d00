import type { Place } from './place.ts';
import type { PlacedText } from './placed-text.ts';
import type { Word } from './word.ts';

/** Why a line cannot be parted into quoted words, and where. */
export interface QuotingMistake {
  readonly place: Place;
  readonly message: string;
}

const NAMED_ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/**
 * The words of a line of a script or a regular expression, by the rules of a shell: `"` and `'` quote, also in the middle of a word,
 * and a backslash takes the next character out of its meaning (keepalived's lib/parser.c, alloc_strvec_quoted_escaped_common).
 * `escapes` tells whether `\n`, `\x41` and the like become characters; otherwise the backslash stays with what it escapes.
 */
export function quotedWords(line: PlacedText, escapes: boolean): readonly Word[] | QuotingMistake {
  const words: Word[] = [];
  const { text } = line;
  let at = 0;
  while (at < text.length) {
    if (isBlank(text[at])) {
      at += 1;
      continue;
    }
    const start = at;
    let word = '';
    let quote: { readonly mark: string; readonly at: number } | undefined;
    while (at < text.length && (quote !== undefined || !isBlank(text[at]))) {
      const character = text[at] ?? '';
      if (character === '\\') {
        if (at + 1 === text.length)
          return { place: line.placeAt(at), message: 'nothing follows the backslash' };
        const escaped = escapes ? readEscape(text, at) : { value: text.slice(at, at + 2), length: 2 };
        word += escaped.value;
        at += escaped.length;
      } else {
        if (quote?.mark === character) quote = undefined;
        else if (quote === undefined && (character === '"' || character === "'")) {
          quote = { mark: character, at };
        } else word += character;
        at += 1;
      }
    }
    if (quote !== undefined) {
      return { place: line.placeAt(quote.at), message: `the quote ${quote.mark} is not closed` };
    }
    words.push({ text: word, place: line.placeAt(start) });
  }
  return words;
}

function isBlank(character: string | undefined): boolean {
  return character !== undefined && /\s/.test(character);
}

/** What the escape at an index stands for, and how many characters it takes. */
function readEscape(text: string, at: number): { readonly value: string; readonly length: number } {
  const rest = text.slice(at + 1, at + 4);
  const [, hex] = /^x([0-9a-f]{1,2})/i.exec(rest) ?? [];
  if (hex !== undefined)
    return { value: String.fromCharCode(Number.parseInt(hex, 16)), length: 2 + hex.length };
  const [octal] = /^[0-7]{1,3}/.exec(rest) ?? [];
  if (octal !== undefined) {
    return { value: String.fromCharCode(Number.parseInt(octal, 8) & 0xff), length: 1 + octal.length };
  }
  if (rest[0] === 'c' && rest.length > 1)
    return { value: String.fromCharCode(rest.charCodeAt(1) & 0x1f), length: 3 };
  const [next = ''] = rest;
  return { value: NAMED_ESCAPES[next] ?? next, length: 2 };
}
