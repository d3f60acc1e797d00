import type { NeighbourState } from '../../../netlink/route/neighbour.ts';
import { neighbourKey } from '../network/host-network.ts';
import type { NeighbourPlace } from './find-next-hop.ts';

/** Milliseconds from one question about a neighbour that does not answer to the next: they double. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;

interface Kept extends NeighbourPlace {
  /** Ways that use it. */
  users: number;
  askAt: number;
  pause: number;
}

/** Knows which neighbours are in use, and when to ask for one so that it never lapses. Times are milliseconds. */
export class NeighbourKeeper {
  readonly #kept = new Map<string, Kept>();

  get size(): number {
    return this.#kept.size;
  }

  use({ index, address }: NeighbourPlace): void {
    const key = neighbourKey(index, address);
    const kept = this.#kept.get(key);
    if (kept !== undefined) kept.users += 1;
    else this.#kept.set(key, { index, address, users: 1, askAt: 0, pause: FIRST_PAUSE });
  }

  release({ index, address }: NeighbourPlace): void {
    const key = neighbourKey(index, address);
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    kept.users -= 1;
    if (kept.users === 0) this.#kept.delete(key);
  }

  /**
   * Those to ask for now. A stale one is asked for at once: traffic that passes XDP is no use of it in the kernel's eyes. One that is
   * missing or did not answer is asked for less and less often.
   */
  due(now: number, stateOf: (place: NeighbourPlace) => NeighbourState | undefined): NeighbourPlace[] {
    return [...this.#kept.values()].filter((kept) => {
      const state = stateOf(kept);
      if (state !== undefined && state !== 'failed' && state !== 'none') {
        if (state !== 'incomplete') kept.pause = FIRST_PAUSE;
        if (state !== 'stale') return false;
      }
      if (now < kept.askAt) return false;
      kept.askAt = now + kept.pause;
      kept.pause = Math.min(2 * kept.pause, LONGEST_PAUSE);
      return true;
    });
  }
}
