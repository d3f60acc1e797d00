import type { MasterBelongings, MasterHost } from './host/master-host.ts';
import type { InstanceEvent } from './instance-events.ts';
import type { Timers } from './run-script.ts';
import { ToldTexts } from './told-texts.ts';

export interface HostKeeperModules {
  readonly host: MasterHost;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly timers: Timers;
  /** Tells the neighbours again, after something was set that was gone. */
  readonly announce: () => void;
  readonly onEvent: (event: InstanceEvent) => void;
}

/** From one look to the next at least, in milliseconds: nobody is fought with faster than that. */
const LOOK_INTERVAL = 1000;
/** How long after a failure the host is asked again, in milliseconds. */
const RETRY_DELAY = 5000;
/** From one line about what others change to the next at least, in milliseconds. */
const TELL_INTERVAL = 60_000;

/** Has the host have what belongs to a master while it is one, and not otherwise; whatever others do to it. */
export class HostKeeper {
  readonly #belongings: MasterBelongings;
  readonly #modules: HostKeeperModules;
  readonly #failures: ToldTexts;
  /** What the host is asked for, one after the other. */
  #work: Promise<void> = Promise.resolve();
  #wanted: 'take' | 'give' | 'nothing' = 'nothing';
  #lookedAt: number | undefined;
  #cancelLook: (() => void) | undefined;
  #toldAt: number | undefined;
  #untold = 0;

  constructor(belongings: MasterBelongings, modules: HostKeeperModules) {
    this.#belongings = belongings;
    this.#modules = modules;
    this.#failures = new ToldTexts(modules.now);
  }

  /** What a run before this one left goes first. */
  clear(): void {
    this.#wanted = 'give';
    this.look();
  }

  /** Has the host have what belongs to a master, or not have it, from now on. */
  want(what: 'take' | 'give'): void {
    this.#wanted = what;
    this.#ask(what, () => {});
  }

  /** Looks whether the host is as it is to be, and has it so; within a second, where it was looked at just before. */
  look(): void {
    const { now, timers } = this.#modules;
    if (this.#cancelLook !== undefined || this.#wanted === 'nothing') return;
    const wait = this.#lookedAt === undefined ? 0 : this.#lookedAt + LOOK_INTERVAL - now();
    if (wait <= 0) this.#look();
    else this.#cancelLook = timers.after(wait, () => this.#look());
  }

  /** Does something after all that the host has been asked for. */
  afterwards(work: () => void): void {
    this.#work = this.#work.then(work);
  }

  /** Looks no more; resolves when the host has done all. */
  async close(): Promise<void> {
    this.#wanted = 'nothing';
    this.#cancelLook?.();
    await this.#work;
  }

  #look(): void {
    this.#cancelLook = undefined;
    const what = this.#wanted;
    if (what === 'nothing') return;
    this.#lookedAt = this.#modules.now();
    this.#ask(what, (changed) => {
      if (changed.length === 0) return;
      if (what === 'take') this.#modules.announce();
      this.#tell(changed, what);
    });
  }

  #ask(what: 'take' | 'give', then: (changed: readonly string[]) => void): void {
    const { host, timers, onEvent } = this.#modules;
    this.#work = this.#work
      .then(() => host[what](this.#belongings))
      .then(then, (error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        const text = this.#failures.news(`the host did not ${what} all: ${why}`);
        if (text !== undefined) onEvent({ kind: 'failure', text });
        if (this.#wanted === 'nothing' || this.#cancelLook !== undefined) return;
        this.#cancelLook = timers.after(RETRY_DELAY, () => this.#look());
      });
  }

  #tell(changed: readonly string[], what: 'take' | 'give'): void {
    const now = this.#modules.now();
    this.#untold += 1;
    if (this.#toldAt !== undefined && now - this.#toldAt < TELL_INTERVAL) return;
    const again = this.#untold > 1 ? `; so it was ${this.#untold} times since that was told last` : '';
    this.#toldAt = now;
    this.#untold = 0;
    const list = changed.join(', ');
    const text =
      what === 'take'
        ? `gone, and set again: ${list}`
        : `there although it is not master, and removed: ${list}`;
    this.#modules.onEvent({ kind: 'oddity', text: text + again });
  }
}
