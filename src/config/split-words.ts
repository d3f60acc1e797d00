/**
 * The words of a command that is written as one text. Blanks separate them; '…' takes everything as it is, "…" too but for a
 * backslash before a quote or a backslash, and outside of quotes a backslash takes the next character as it is. Nothing else has a
 * meaning: no variables, no patterns, no pipes. Undefined where a quote is not closed, or nothing follows a backslash.
 */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  let rest = text;
  let word: string | undefined;
  while (rest !== '') {
    const [all = '', blanks, single, double, escaped, plain] = TOKEN.exec(rest) ?? [];
    if (all === '') return undefined;
    rest = rest.slice(all.length);
    if (blanks !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    word = (word ?? '') + (single ?? double?.replace(/\\(["\\])/g, '$1') ?? escaped ?? plain ?? '');
  }
  return word === undefined ? words : [...words, word];
}

/** The inverse of {@link splitWords}, for words without line breaks. */
export function joinWords(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : `"${word.replace(/["\\]/g, '\\$&')}"`))
    .join(' ');
}

const TOKEN = /^(?:(\s+)|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^\s'"\\]+))/;
