import { LAST_LINE_END, TEXT_END, TEXT_START, type Translation, type Untranslatable } from './translation.ts';

/** Classes of PCRE without UCP, as parts of a JavaScript class: bytes, not Unicode. */
export const CLASS_ESCAPES: Readonly<Record<string, string>> = {
  d: '0-9',
  s: '\\t\\n\\v\\f\\r ',
  w: '0-9A-Za-z_',
  h: '\\t \\xa0',
  v: '\\n\\v\\f\\r\\x85',
};

const CONTROLS: Readonly<Record<string, string>> = {
  a: '\\x07',
  e: '\\x1b',
  f: '\\f',
  n: '\\n',
  r: '\\r',
  t: '\\t',
};

/** What else a backslash can begin outside of a class. */
const ASSERTIONS: Readonly<Record<string, string>> = {
  A: TEXT_START,
  z: TEXT_END,
  Z: LAST_LINE_END,
  b: '\\b',
  B: '\\B',
  N: '[^\\n]',
  R: '(?:\\r\\n|[\\n\\v\\f\\r\\x85])',
};

/** An escape outside of a class. */
export function translateEscape(
  pattern: string,
  at: number,
  options: ReadonlySet<string>,
): Translation | Untranslatable {
  const letter = pattern[at + 1];
  if (letter === undefined) return { reason: 'ends with a backslash' };
  const two = (text: string) => ({ pattern: text, end: at + 2 });
  const positive = CLASS_ESCAPES[letter];
  if (positive !== undefined) return two(`[${positive}]`);
  const negative = /[A-Z]/.test(letter) ? CLASS_ESCAPES[letter.toLowerCase()] : undefined;
  if (negative !== undefined) return two(`[^${negative}]`);
  const assertion = ASSERTIONS[letter];
  if (assertion !== undefined) return two(assertion);
  if (letter === 'Q') return quoted(pattern, at + 2);
  if (letter === 'E') return two('');
  const named = /^\\k(?:\{(\w+)\}|<(\w+)>|'(\w+)')/.exec(pattern.slice(at));
  if (named !== null) {
    return { pattern: `\\k<${named[1] ?? named[2] ?? named[3]}>`, end: at + named[0].length };
  }
  const reference = /^\\(?:g\{([1-9][0-9]?)\}|g?(?![1-3][0-7]{2})([1-9][0-9]?))/.exec(pattern.slice(at));
  if (reference !== null && (letter === 'g' || /[1-9]/.test(letter))) {
    // A digit behind it would be taken for a part of it.
    return { pattern: `(?:\\${reference[1] ?? reference[2]})`, end: at + reference[0].length };
  }
  return translateCharacter(pattern, at, options);
}

/** An escape that stands for one character, which it does in a class, too. */
export function translateCharacter(
  pattern: string,
  at: number,
  options: ReadonlySet<string>,
): Translation | Untranslatable {
  const letter = pattern[at + 1];
  if (letter === undefined) return { reason: 'ends with a backslash' };
  const control = CONTROLS[letter];
  if (control !== undefined) return { pattern: control, end: at + 2 };
  const hex = /^\\x(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{0,2}))/.exec(pattern.slice(at));
  if (hex !== null)
    return codePoint(Number.parseInt(hex[1] ?? (hex[2] || '0'), 16), at + hex[0].length, options);
  const octal = /^\\(?:o\{([0-7]{1,7})\}|(0[0-7]{0,2}|[1-3][0-7]{2}))/.exec(pattern.slice(at));
  if (octal !== null) {
    return codePoint(Number.parseInt(octal[1] ?? octal[2] ?? '0', 8), at + octal[0].length, options);
  }
  const control8 = /^\\c([\x20-\x7e])/.exec(pattern.slice(at));
  if (control8 !== null)
    return codePoint((control8[1] ?? '@').toUpperCase().charCodeAt(0) ^ 0x40, at + 3, options);
  if (/[0-9A-Za-z]/.test(letter)) return { reason: `has \\${letter}, which only PCRE knows` };
  return { pattern: literal(letter), end: at + 2 };
}

/** A character that stands for itself. */
export function literal(character: string): string {
  // Control characters are spelled out, so that a pattern stays one line.
  return /[\\^$.*+?()[\]{}|/-]|\p{Cc}/u.test(character)
    ? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
    : character;
}

function codePoint(code: number, end: number, options: ReadonlySet<string>): Translation | Untranslatable {
  if (code <= 0xff) return { pattern: `\\x${code.toString(16).padStart(2, '0')}`, end };
  if (!options.has('utf'))
    return { reason: `has the character ${code.toString(16)}, which needs regex_options utf` };
  return code <= 0x10ffff
    ? { pattern: `\\u{${code.toString(16)}}`, end }
    : { reason: `has the character ${code.toString(16)}, which Unicode does not have` };
}

/** `\Q…\E`: nothing has a meaning in it. */
function quoted(pattern: string, start: number): Translation {
  const close = pattern.indexOf('\\E', start);
  const text = pattern.slice(start, close < 0 ? undefined : close);
  return { pattern: [...text].map(literal).join(''), end: close < 0 ? pattern.length : close + 2 };
}
