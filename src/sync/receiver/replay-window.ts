/** How far a datagram may come behind later ones. */
const LENGTH = 256;

/** Which datagrams of a master have come, by their numbers modulo 2^32. */
export class ReplayWindow {
  readonly #seen = new Uint32Array(LENGTH);
  #top: number;
  /** What came up to here does not count. */
  #base: number;
  #received = 0;
  #missed = 0;

  /** `first`: it and all before it count as received. */
  constructor(first: number) {
    this.#top = first >>> 0;
    this.#base = this.#top;
    for (let back = 0; back < LENGTH; back++) this.#note(this.#top - back);
  }

  /** The latest that came. */
  get top(): number {
    return this.#top;
  }

  /** Notes a datagram; false where it came before, or may have. */
  take(number: number): boolean {
    const ahead = (number - this.#top) | 0;
    if (ahead <= -LENGTH || (ahead <= 0 && this.#has(number))) return false;
    this.#note(number);
    if (ahead > 0) this.#top = number;
    if (((number - this.#base) | 0) > 0) this.#received += 1;
    return true;
  }

  /**
   * Hears that there are `count` datagrams so far. Returns how many are missing that were not before; undefined where that is old news.
   */
  hearCount(count: number): number | undefined {
    const ahead = (count - this.#top) | 0;
    if (ahead <= -LENGTH) return undefined;
    const upTo = ahead > 0 ? count : this.#top;
    const missed = Math.max(((upTo - this.#base) >>> 0) - this.#received, 0);
    const more = missed - this.#missed;
    this.#missed = missed;
    return Math.max(more, 0);
  }

  /** What is missing up to `count` is so no more. */
  forgive(count: number): void {
    this.#base = count >>> 0;
    this.#missed = 0;
    this.#received = 0;
    const beyond = Math.min((this.#top - this.#base) | 0, LENGTH);
    for (let back = 0; back < beyond; back++) if (this.#has(this.#top - back)) this.#received += 1;
  }

  #note(number: number): void {
    this.#seen[(number >>> 0) % LENGTH] = number;
  }

  #has(number: number): boolean {
    return this.#seen[(number >>> 0) % LENGTH] === number >>> 0;
  }
}
