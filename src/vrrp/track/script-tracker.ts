import type { HealthState } from '../../model/health.ts';
import type { TrackScript } from '../../model/vrrp.ts';
import type { RunScript, Timers } from '../run-script.ts';

export interface ScriptTrackerModules {
  readonly runScript: RunScript;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly timers: Timers;
  /** Is told when the state changed, and of the first result. */
  readonly onChange: () => void;
}

/**
 * Runs a script again and again, and says whether it succeeds: the first result counts at once, later ones `rise` and `fall` times in a
 * row (keepalived, vrrp_scheduler.c, vrrp_script_thread). A run that lasts longer than the interval has the next one wait for it.
 */
export class ScriptTracker {
  readonly script: TrackScript;
  readonly #modules: ScriptTrackerModules;
  readonly #calledOff = new AbortController();
  #state: HealthState;
  #detail: string | undefined;
  /** Results in a row that speak against the state. */
  #against = 0;
  #disarm: () => void = () => {};

  constructor(script: TrackScript, modules: ScriptTrackerModules) {
    this.script = script;
    this.#modules = modules;
    this.#state = script.initFail ? 'down' : 'up';
    void this.#run();
  }

  get state(): HealthState {
    return this.#state;
  }

  /** Whether its state can be relied on: there was a result, or it counts as failed until then. */
  get isSettled(): boolean {
    return this.script.initFail || this.#detail !== undefined;
  }

  get detail(): string | undefined {
    return this.#detail;
  }

  /** Ends the script, too. */
  close(): void {
    this.#disarm();
    this.#calledOff.abort();
  }

  async #run(): Promise<void> {
    const { runScript, now, timers } = this.#modules;
    const { command, timeout, interval } = this.script;
    const begun = now();
    const { signal } = this.#calledOff;
    const { succeeded, text } = await runScript(command, { timeout, signal });
    if (signal.aborted) return;
    this.#disarm = timers.after(Math.max(0, begun + interval - now()), () => void this.#run());
    this.#take(succeeded ? 'up' : 'down', text);
  }

  #take(found: HealthState, text: string): void {
    const isFirst = this.#detail === undefined;
    const before = this.#state;
    this.#detail = text;
    this.#against = found === before ? 0 : this.#against + 1;
    const needed = isFirst ? 1 : found === 'up' ? this.script.rise : this.script.fall;
    if (this.#against >= needed) {
      this.#state = found;
      this.#against = 0;
    }
    if (isFirst || this.#state !== before) this.#modules.onChange();
  }
}
