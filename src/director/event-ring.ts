import type { DirectorEvent } from '../api/operated-director.ts';

const CAPACITY = 1000;

/** What is told of an event; its number and its time are the ring's to know. */
export type EventFacts = Omit<DirectorEvent, 'id' | 'time'>;

/** The latest events of a director, and whoever wants to hear of new ones. */
export class EventRing {
  readonly #wallClock: () => number;
  readonly #events: DirectorEvent[] = [];
  readonly #listeners = new Set<(event: DirectorEvent) => void>();
  #last = 0;

  /** @param wallClock milliseconds since 1970 */
  constructor(wallClock: () => number) {
    this.#wallClock = wallClock;
  }

  tell(facts: EventFacts): void {
    this.#last += 1;
    const event: DirectorEvent = {
      id: this.#last,
      time: new Date(this.#wallClock()).toISOString(),
      ...facts,
    };
    this.#events.push(event);
    if (this.#events.length > CAPACITY) this.#events.shift();
    for (const listener of this.#listeners) listener(event);
  }

  /** Those after the one with this id, the oldest first. */
  after(id: number): readonly DirectorEvent[] {
    const first = this.#last - this.#events.length;
    return this.#events.slice(Math.max(0, id - first));
  }

  /** Has a listener hear of each event, which must not throw; the answer ends that. */
  listen(listener: (event: DirectorEvent) => void): () => void {
    const own = (event: DirectorEvent): void => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }
}
