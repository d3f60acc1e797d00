import { destinationKey } from '../../model/destination.ts';
import type { Attempt, Checker, Verdict } from '../checker.ts';

/** What a scripted checker does: `silent` ends when it is called off, `stuck` never. */
export type ScriptedAnswer = Verdict | 'silent' | 'stuck';

/** Finds what the test says of each destination, and good news of the others. */
export class ScriptedChecker implements Checker {
  readonly kind = 'tcp';
  /** By destination, and for a check with a port of its own by `DESTINATION/PORT`. */
  readonly answers = new Map<string, ScriptedAnswer>();
  readonly attempts: string[] = [];
  /** End what is stuck. */
  readonly stuck: (() => void)[] = [];
  /** Attempts that are not over. */
  running = 0;

  describe({ destination }: Omit<Attempt, 'signal'>): string {
    return `tcp ${destinationKey(destination)}`;
  }

  async check({ endpoint, destination, signal }: Attempt): Promise<Verdict> {
    const key = destinationKey(destination) + (endpoint.port === undefined ? '' : `/${endpoint.port}`);
    this.attempts.push(key);
    this.running++;
    try {
      return await this.#answer(this.answers.get(key) ?? GOOD, signal);
    } finally {
      this.running--;
    }
  }

  #answer(answer: ScriptedAnswer, signal: AbortSignal): Verdict | Promise<Verdict> {
    if (typeof answer === 'object') return answer;
    const { promise, resolve } = Promise.withResolvers<Verdict>();
    const late = { good: false, detail: 'no answer in time' } as const;
    if (answer === 'silent') signal.addEventListener('abort', () => resolve(late));
    else this.stuck.push(() => resolve(late));
    return promise;
  }
}

export const GOOD: Verdict = { good: true, detail: 'connected' };
export const BAD: Verdict = { good: false, detail: 'connection refused' };
