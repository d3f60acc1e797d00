import type { ProblemLog } from './problem-log.ts';
import type { Statement } from './statement.ts';

/** Tells of each statement that is understood, but not done: once for a block with all that it holds. */
export function warnUnsupported(statements: readonly Statement[], log: ProblemLog): void {
  for (const { keyword, meaning, body } of statements) {
    if (meaning.use === 'unsupported') log.warn(keyword.place, `${keyword.text} is not done: ${meaning.why}`);
    else if (body !== undefined) warnUnsupported(body, log);
  }
}
