/**
 * Compares what a command printed with what a document shows, and throws with both where they differ.
 *
 * Blanks at the ends of lines and the number of blanks between words do not count. In what the document shows, `…` stands
 * for any text within its line, and for any number of lines where it is a line of its own. `varying` are words that
 * differ from run to run (timers, ports of clients, process ids): each stands for any word.
 */
export function assertOutput(printed: string, shown: string, varying: readonly string[] = []): void {
  const pattern = lines(shown).map((line) =>
    line === '…' ? ANY_LINES : `${line.split(' ').map(wordPattern(varying)).join(' ')}\n`,
  );
  const text = lines(printed)
    .map((line) => `${line}\n`)
    .join('');
  if (new RegExp(`^${pattern.join('')}$`, 'u').test(text)) return;
  throw new Error(
    `the document shows\n\n${indent(shown)}\n\nbut the commands printed\n\n${indent(printed)}\n`,
  );
}

const ANY_LINES = '(?:.*\n)*';

function wordPattern(varying: readonly string[]): (word: string) => string {
  const alternatives = varying.toSorted((one, other) => other.length - one.length).map(escapeRegExp);
  const splitter = new RegExp(
    `(…${alternatives.map((word) => `|(?<![0-9.])${word}(?![0-9.])`).join('')})`,
    'u',
  );
  return (word) =>
    word
      .split(splitter)
      .map((part, index) => (index % 2 === 0 ? escapeRegExp(part) : part === '…' ? '.*' : '\\S+'))
      .join('');
}

function lines(text: string): string[] {
  const all = text.split('\n').map((line) => line.replace(/ +/g, ' ').trimEnd());
  return all.at(-1) === '' ? all.slice(0, -1) : all;
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

function indent(text: string): string {
  return text.trimEnd().replace(/^/gm, '    ');
}
