import { CLASS_ESCAPES, literal, translateCharacter } from './translate-escape.ts';
import type { Translation, Untranslatable } from './translation.ts';

/** POSIX's classes as PCRE takes them in bytes, as parts of a JavaScript class. */
const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7f',
  blank: '\\t ',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '\\x21-\\x7e',
  lower: 'a-z',
  print: '\\x20-\\x7e',
  punct: '\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/** `[…]`. */
export function translateClass(
  pattern: string,
  start: number,
  options: ReadonlySet<string>,
): Translation | Untranslatable {
  const negated = pattern[start + 1] === '^';
  let at = start + (negated ? 2 : 1);
  let members = '';
  // A bracket that comes first is a member, unless an empty class is allowed.
  if (pattern[at] === ']' && !options.has('allow_empty_class')) {
    members = '\\x5d';
    at += 1;
  }
  while (at < pattern.length) {
    const character = pattern[at] ?? '';
    if (character === ']') return { pattern: `[${negated ? '^' : ''}${members}]`, end: at + 1 };
    const part = member(pattern, at, options);
    if ('reason' in part) return part;
    members += part.pattern;
    at = part.end;
  }
  return { reason: 'has a class [ that is not closed' };
}

function member(pattern: string, at: number, options: ReadonlySet<string>): Translation | Untranslatable {
  const character = pattern[at] ?? '';
  const rest = pattern.slice(at);
  const [posix, negation, name] = /^\[:(\^?)([a-z]+):\]/.exec(rest) ?? [];
  if (posix !== undefined) {
    const members = POSIX[name ?? ''];
    if (negation === '^') return { reason: `has ${posix}, a negation within a class, which only PCRE knows` };
    return members === undefined
      ? { reason: `has ${posix}, which is no class` }
      : { pattern: members, end: at + posix.length };
  }
  if (/^\[[.=]/.test(rest))
    return { reason: `has ${rest.slice(0, 2)} in a class, which PCRE does not support` };
  if (character !== '\\') {
    // A hyphen stays what it is: the same in both.
    return { pattern: character === '-' ? '-' : literal(character), end: at + 1 };
  }
  const letter = pattern[at + 1] ?? '';
  const positive = CLASS_ESCAPES[letter];
  if (positive !== undefined) return { pattern: positive, end: at + 2 };
  if (letter === 'b') return { pattern: '\\x08', end: at + 2 };
  if (letter === 'D' || letter === 'S' || letter === 'W') {
    return letter === 'S'
      ? { pattern: '\\x00-\\x08\\x0e-\\x1f\\x21-\\uffff', end: at + 2 }
      : letter === 'D'
        ? { pattern: '\\x00-\\x2f\\x3a-\\uffff', end: at + 2 }
        : { pattern: '\\x00-\\x2f\\x3a-\\x40\\x5b-\\x5e\\x60\\x7b-\\uffff', end: at + 2 };
  }
  return translateCharacter(pattern, at, options);
}
