import type { Verdict } from '../checker.ts';
import { bad, CheckFailure, type Talk, type Turn } from '../connect/talk.ts';

/** A conversation without a socket, as `converse` leads it: what was said, and the verdict once there is one. */
export interface Overheard {
  readonly said: string;
  readonly verdict: Verdict | undefined;
}

/** Lets a talk hear these pieces, one after the other, and then the end unless the server stays. */
export function overhear(
  talk: Talk,
  pieces: readonly (string | Buffer)[],
  leaves: 'leaves' | 'stays' = 'leaves',
): Overheard {
  let said = '';
  let verdict: Verdict | undefined;
  const take = (turn: () => Turn): void => {
    if (verdict !== undefined) return;
    try {
      const next = turn();
      if (next === undefined) return;
      if ('say' in next) said += next.say;
      else verdict = next;
    } catch (error) {
      if (!(error instanceof CheckFailure)) throw error;
      verdict = bad(error.message);
    }
  };
  take(() => talk.begin());
  for (const piece of pieces) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece;
    if (bytes.length > 0) take(() => talk.hear(bytes));
  }
  if (leaves === 'leaves') take(() => talk.end());
  return { said, verdict };
}
