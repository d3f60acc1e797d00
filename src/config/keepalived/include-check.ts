import type { Word } from './word.ts';

/** What is an error where files are included; without any of them, what is missing is only told. */
export interface IncludeChecks {
  /** A file that cannot be read, or a directory. */
  readonly read: boolean;
  /** A name without wildcards that no file has. */
  readonly match: boolean;
  /** A pattern that no file matches. */
  readonly wildcard: boolean;
  /** A brace expression with an alternative that no file matches. */
  readonly brace: boolean;
}

const NONE: IncludeChecks = { read: false, match: false, wildcard: false, brace: false };
const ALL: IncludeChecks = { read: true, match: true, wildcard: true, brace: true };

/** What is checked from the start: nothing, as `include` has always been. */
export const DEFAULT_INCLUDE_CHECKS = NONE;

/** What each keyword checks besides what `include_check` says (keepalived's lib/parser.c, check_include). */
export const INCLUDE_KEYWORDS: Readonly<Record<string, IncludeChecks>> = {
  include: NONE,
  includer: { ...NONE, read: true },
  includem: { ...NONE, read: true, match: true },
  includew: { ...NONE, read: true, match: true, wildcard: true },
  includeb: { ...NONE, read: true, brace: true },
  includea: ALL,
};

/** The words of `include_check`: without a sign they replace what was checked, with `+` and `-` they change it; none is all. */
export const INCLUDE_CHECK_WORDS: Readonly<Record<string, keyof IncludeChecks>> = {
  read: 'read',
  readable: 'read',
  match: 'match',
  wildcard_match: 'wildcard',
  brace_match: 'brace',
};

/** What is checked after `include_check` with these words; those that mean nothing are left out. */
export function changedIncludeChecks(before: IncludeChecks, words: readonly Word[]): IncludeChecks {
  if (words.length === 0) return ALL;
  let checks = before;
  for (const { text } of words) {
    const [, sign, name] = /^([+-]?)(.*)$/s.exec(text) ?? [];
    const check = INCLUDE_CHECK_WORDS[name ?? ''];
    if (check === undefined) continue;
    checks = sign === '' ? { ...NONE, read: true, [check]: true } : { ...checks, [check]: sign === '+' };
  }
  return checks;
}

/** Both together. */
export function unitedChecks(a: IncludeChecks, b: IncludeChecks): IncludeChecks {
  return {
    read: a.read || b.read,
    match: a.match || b.match,
    wildcard: a.wildcard || b.wildcard,
    brace: a.brace || b.brace,
  };
}
