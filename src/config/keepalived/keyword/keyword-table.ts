/** What vipr makes of a keyword. */
export type Keyword = {
  /** What stands between braces after it: other keywords, or lines of words; absent for none. */
  readonly body?: KeywordTable | 'entries';
  /** Whether its words are parted by the rules of a shell: scripts and regular expressions. */
  readonly quoted?: true;
} & (
  | { readonly use: 'read' }
  /** vipr always does it, or it means nothing in either program. */
  | { readonly use: 'implied' }
  /** Understood, but not done; `why` ends a sentence that begins with the keyword. */
  | { readonly use: 'unsupported'; readonly why: string }
);

/** The keywords of a block, by name. */
export type KeywordTable = Readonly<Record<string, Keyword>>;

/** Keywords with the same meaning, by name. */
export function keywords(names: readonly string[], keyword: Keyword): KeywordTable {
  return Object.fromEntries(names.map((name) => [name, keyword]));
}

export const READ: Keyword = { use: 'read' };
export const IMPLIED: Keyword = { use: 'implied' };
export const QUOTED: Keyword = { use: 'read', quoted: true };

/** A keyword that is understood, but not done. */
export function unsupported(why: string): Keyword {
  return { use: 'unsupported', why };
}
