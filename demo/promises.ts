import { showVerdict } from './console.ts';
import type { Tally } from './process/client-order.ts';

/** What the demonstration says of vipr, each checked as it is said. */
export class Promises {
  #kept = 0;
  readonly #broken: string[] = [];

  get kept(): number {
    return this.#kept;
  }

  get broken(): readonly string[] {
    return this.#broken;
  }

  /** `otherwise` says what was found instead. */
  check(promise: string, isTrue: boolean, otherwise: string): void {
    showVerdict(isTrue, promise, otherwise);
    if (isTrue) this.#kept += 1;
    else this.#broken.push(`${promise}; ${otherwise}`);
  }

  /** Every request was answered, and the servers had these shares, within a tenth of all. */
  checkShares(promise: string, tally: Tally, shares: Readonly<Record<string, number>>): void {
    const answered = Object.values(tally.answers).reduce((sum, count) => sum + count, 0);
    const whole = Object.values(shares).reduce((sum, share) => sum + share, 0);
    const names = new Set([...Object.keys(shares), ...Object.keys(tally.answers)]);
    const fits = [...names].every((name) => {
      const [share = 0, count = 0] = [shares[name], tally.answers[name]];
      // Exactly none for whom none are meant.
      return share === 0 ? count === 0 : Math.abs(count / answered - share / whole) < 0.1;
    });
    this.check(promise, tally.failures.length === 0 && fits, describeTally(tally));
  }
}

/** `rs1 200, rs2 100, rs3 100; failed 0` */
export function describeTally({ answers, failures }: Tally): string {
  const counts = Object.entries(answers).sort(([one], [other]) => one.localeCompare(other));
  const text = counts.map(([name, count]) => `${name} ${count}`).join(', ');
  const first = failures[0] === undefined ? '' : `: ${failures[0]}`;
  return `${text === '' ? 'no answer' : text}; failed ${failures.length}${first}`;
}
