/** Texts that are remembered. */
const MOST = 64;
/** How long nothing new is told once that many were, in milliseconds. */
const PERIOD = 3_600_000;

/** Has each text told once, and no more than 64 in an hour: what strangers send may neither flood a log nor fill memory. */
export class ToldTexts {
  readonly #now: () => number;
  readonly #texts = new Set<string>();
  #fullSince: number | undefined;

  /** `now`: monotonic milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** What is to be told now: the text, or that no more is told, or nothing. */
  news(text: string): string | undefined {
    if (this.#fullSince !== undefined && this.#now() - this.#fullSince >= PERIOD) {
      this.#texts.clear();
      this.#fullSince = undefined;
    }
    if (this.#texts.has(text) || this.#fullSince !== undefined) return undefined;
    if (this.#texts.size === MOST) {
      this.#fullSince = this.#now();
      return `more is odd than is told: the next hour only counts tell (${MOST} were told, the last would be: ${text})`;
    }
    this.#texts.add(text);
    return text;
  }
}
