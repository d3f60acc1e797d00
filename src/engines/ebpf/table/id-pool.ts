/** Hands out the numbers from 0 to less than a capacity, those that came back first. */
export class IdPool {
  readonly capacity: number;
  readonly #free: number[] = [];
  #end = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** No number from here on was ever handed out. */
  get end(): number {
    return this.#end;
  }

  /** Undefined where all are out. */
  take(): number | undefined {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    return this.#end < this.capacity ? this.#end++ : undefined;
  }

  release(id: number): void {
    this.#free.push(id);
  }

  /** Begins anew with these numbers out. */
  restore(taken: ReadonlySet<number>): void {
    this.#free.length = 0;
    this.#end = 0;
    for (const id of taken) this.#end = Math.max(this.#end, id + 1);
    for (let id = this.#end - 1; id >= 0; id--) if (!taken.has(id)) this.#free.push(id);
  }
}
