import { translateClass } from './translate-class.ts';
import { literal, translateEscape } from './translate-escape.ts';
import { translateGroup } from './translate-group.ts';
import { LAST_LINE_END, TEXT_END, TEXT_START, type Translation, type Untranslatable } from './translation.ts';

/** What vipr makes of the options of `regex_options` (pcre2api(3)). */
export const PCRE_OPTIONS: Readonly<Record<string, 'translated' | 'without effect' | 'refused'>> = {
  allow_empty_class: 'translated',
  alt_bsux: 'refused',
  auto_callout: 'without effect',
  caseless: 'translated',
  dollar_endonly: 'translated',
  dotall: 'translated',
  dupnames: 'translated',
  extended: 'translated',
  firstline: 'refused',
  match_unset_backref: 'translated',
  multiline: 'translated',
  never_ucp: 'without effect',
  never_utf: 'without effect',
  no_auto_capture: 'translated',
  no_auto_possess: 'without effect',
  no_dotstar_anchor: 'without effect',
  no_start_optimize: 'without effect',
  ucp: 'refused',
  ungreedy: 'refused',
  utf: 'translated',
  never_backslash_c: 'without effect',
  alt_circumflex: 'refused',
  alt_verbnames: 'without effect',
  use_offset_limit: 'without effect',
};

/** Options that a pattern may begin with: `(?i)`. */
const LEADING_OPTIONS: Readonly<Record<string, string>> = {
  i: 'caseless',
  m: 'multiline',
  s: 'dotall',
  x: 'extended',
};

/**
 * A pattern of PCRE2 as a RegExp that finds the same in ASCII, and with `utf` in UTF-8. The translation spells out what the two
 * take differently: newlines, ends, classes, escapes. What only PCRE has is refused by name (pcre2pattern(3)).
 */
export function translatePcre(pattern: string, options: ReadonlySet<string>): RegExp | Untranslatable {
  const [leading = '', letters = ''] = /^\(\?([imsx]+)\)/.exec(pattern) ?? [];
  const all = new Set([...options, ...[...letters].map((letter) => LEADING_OPTIONS[letter] ?? '')]);
  const flags = `${all.has('caseless') ? 'i' : ''}${all.has('utf') ? 'u' : ''}`;
  const translated = translateBody(pattern.slice(leading.length), all);
  if (typeof translated !== 'string') return translated;
  try {
    return new RegExp(translated, flags);
  } catch (error) {
    return {
      reason: `is not a regular expression: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

function translateBody(pattern: string, options: ReadonlySet<string>): string | Untranslatable {
  let result = '';
  for (let at = 0; at < pattern.length; ) {
    const part = translatePart(pattern, at, options);
    if ('reason' in part) return part;
    result += part.pattern;
    at = part.end;
  }
  return result;
}

function translatePart(
  pattern: string,
  at: number,
  options: ReadonlySet<string>,
): Translation | Untranslatable {
  const character = pattern[at] ?? '';
  const one = (text: string) => ({ pattern: text, end: at + 1 });
  switch (character) {
    case '\\':
      return translateEscape(pattern, at, options);
    case '[':
      return translateClass(pattern, at, options);
    case '(':
      return translateGroup(pattern, at, options);
    case '.':
      return one(options.has('dotall') ? '[\\s\\S]' : '[^\\n]');
    case '^':
      return one(options.has('multiline') ? '(?<![^\\n])' : TEXT_START);
    case '$':
      if (options.has('multiline')) return one('(?![^\\n])');
      return one(options.has('dollar_endonly') ? TEXT_END : LAST_LINE_END);
    case '*':
    case '+':
    case '?':
      return quantifier(pattern, at, character);
    case '{': {
      const [whole, least, comma = '', most = ''] = /^\{(\d+)(,?)(\d*)\}/.exec(pattern.slice(at)) ?? [];
      if (whole === undefined) return one('\\{');
      return quantifier(pattern, at + whole.length - 1, `{${least}${comma}${most}}`);
    }
    case ']':
    case '}':
    case '/':
      return one(`\\${character}`);
    case '#':
      if (!options.has('extended')) return one('#');
      return { pattern: '', end: endOfLine(pattern, at) };
    default:
      if (options.has('extended') && /\s/.test(character)) return one('');
      return one(/\p{Cc}/u.test(character) ? literal(character) : character);
  }
}

/** A quantifier and what follows it: `?` makes it lazy, in both; `+` is PCRE's, and takes back nothing. */
function quantifier(pattern: string, at: number, written: string): Translation | Untranslatable {
  const next = pattern[at + 1];
  if (next === '+') return { reason: `has the possessive quantifier ${written}+, which only PCRE knows` };
  return next === '?' ? { pattern: `${written}?`, end: at + 2 } : { pattern: written, end: at + 1 };
}

function endOfLine(pattern: string, at: number): number {
  const newline = pattern.indexOf('\n', at);
  return newline < 0 ? pattern.length : newline + 1;
}
