import type { Translation, Untranslatable } from './translation.ts';

/** What a group may begin with in PCRE that JavaScript does not know. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/^\(\*/, 'a verb (*…)'],
  [/^\(\?>/, 'an atomic group (?>…)'],
  [/^\(\?\|/, 'a branch reset (?|…)'],
  [/^\(\?\(/, 'a condition (?(…)…)'],
  [/^\(\?(?:R|[+-]?[0-9]|&|P>)/, 'a recursion'],
  [/^\(\?C/, 'a callout (?C…)'],
];

/** The beginning of a group. */
export function translateGroup(
  pattern: string,
  at: number,
  options: ReadonlySet<string>,
): Translation | Untranslatable {
  const rest = pattern.slice(at);
  const refused = REFUSED.find(([form]) => form.test(rest));
  if (refused !== undefined) return { reason: `has ${refused[1]}, which only PCRE knows` };
  const comment = /^\(\?#[^)]*\)/.exec(rest);
  if (comment !== null) return { pattern: '', end: at + comment[0].length };
  const same = /^\(\?(?::|=|!|<=|<!)/.exec(rest);
  if (same !== null) return { pattern: same[0], end: at + same[0].length };
  const reference = /^\(\?P=(\w+)\)/.exec(rest);
  if (reference !== null) return { pattern: `\\k<${reference[1]}>`, end: at + reference[0].length };
  const named = /^\(\?(?:P?<(\w+)>|'(\w+)')/.exec(rest);
  if (named !== null) return { pattern: `(?<${named[1] ?? named[2]}>`, end: at + named[0].length };
  const flags = /^\(\?([a-zA-Z^-]*)([:)])/.exec(rest);
  if (flags !== null) return inlineFlags(flags, at);
  if (rest.startsWith('(?')) return { reason: `has a group ${rest.slice(0, 3)}…, which is not known` };
  return { pattern: options.has('no_auto_capture') ? '(?:' : '(', end: at + 1 };
}

/** Only case can be changed for a part: the others are spelled out where they count. */
function inlineFlags(
  [whole, letters = '', close]: RegExpExecArray,
  at: number,
): Translation | Untranslatable {
  if (letters === '') return { pattern: '', end: at + whole.length };
  if (close === ':' && /^(?:i|-i)$/.test(letters))
    return { pattern: `(?${letters}:`, end: at + whole.length };
  return { reason: `has the options ${whole}: use regex_options for the whole pattern` };
}
