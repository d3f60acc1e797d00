/** Things that are opened for their first user and closed after their last one, each known by a key. */
export class SharedWhileUsed<T extends { close(): void }> {
  readonly #open = new Map<string, { readonly thing: T; users: number }>();

  /**
   * The thing of this key until it is released; `open` makes it where nobody uses it yet, and what it throws is thrown on.
   */
  acquire(key: string, open: () => T): { readonly thing: T; release(): void } {
    const entry = this.#open.get(key) ?? { thing: open(), users: 0 };
    this.#open.set(key, entry);
    entry.users += 1;
    return { thing: entry.thing, release: () => this.#release(key, entry) };
  }

  #release(key: string, entry: { readonly thing: T; users: number }): void {
    entry.users -= 1;
    if (entry.users > 0) return;
    this.#open.delete(key);
    entry.thing.close();
  }
}
