/** Why a pattern cannot be said in JavaScript; a part of a sentence that begins with the pattern. */
export interface Untranslatable {
  readonly reason: string;
}

/** What one part of a pattern became, and where the next one begins. */
export interface Translation {
  readonly pattern: string;
  readonly end: number;
}

/** Start and end of the whole text, and ends before a newline that is the last character: what `\A`, `\z` and `\Z` mean. */
export const TEXT_START = '(?<![\\s\\S])';
export const TEXT_END = '(?![\\s\\S])';
export const LAST_LINE_END = '(?=\\n?(?![\\s\\S]))';
