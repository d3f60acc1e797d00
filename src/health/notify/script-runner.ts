import type { ScriptCommand } from '../../model/script-command.ts';
import type { Milliseconds } from '../../model/unit.ts';
import type { DestinationEvent, QuorumEvent } from '../health-event.ts';
import { describeScriptEnd } from '../script/describe-script-end.ts';
import type { NotifyModules } from './notify-modules.ts';

/** An event that has a script. */
export type ScriptEvent = (DestinationEvent | QuorumEvent) & { readonly script: ScriptCommand };

/** Events of one subject that wait for their scripts; with one more, the oldest is given up. */
const MOST_WAITING = 16;
/** Scripts that run at once. */
const MOST_RUNNING = 64;
/** What a script without a limit of its own has. */
const TIME_LIMIT = 60_000 as Milliseconds;

/**
 * Runs the scripts of events. Those of one subject, a service or a destination, run one after the other, so that what was true last is
 * told last; a script that hangs holds up no other subject.
 */
export class ScriptRunner {
  readonly #modules: NotifyModules;
  readonly #calledOff = new AbortController();
  /** By subject, while it has events: those that wait. */
  readonly #waiting = new Map<string, ScriptEvent[]>();
  /** Subjects whose next event may start, the first one first. */
  readonly #ready = new Set<string>();
  #running = 0;
  #idle: (() => void) | undefined;

  constructor(modules: NotifyModules) {
    this.#modules = modules;
  }

  run(event: ScriptEvent): void {
    const subject = subjectOf(event);
    const waiting = this.#waiting.get(subject);
    if (waiting === undefined) {
      this.#waiting.set(subject, [event]);
      this.#ready.add(subject);
    } else {
      waiting.push(event);
      if (waiting.length > MOST_WAITING) this.#giveUp(waiting.shift(), 'too many wait for an earlier script');
    }
    this.#startReady();
  }

  /** Fulfilled when no script runs or waits any more. */
  idle(): Promise<void> {
    if (this.#waiting.size === 0) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = this.#idle;
    this.#idle = () => {
      before?.();
      resolve();
    };
    return promise;
  }

  /** Ends the scripts that run, and starts no more. */
  callOff(): void {
    for (const [subject, waiting] of this.#waiting) {
      for (const event of waiting.splice(0)) this.#giveUp(event, 'the director ends');
      if (this.#ready.delete(subject)) this.#waiting.delete(subject);
    }
    this.#calledOff.abort();
    this.#tellIdle();
  }

  #startReady(): void {
    for (const subject of this.#ready) {
      if (this.#running >= MOST_RUNNING) return;
      this.#ready.delete(subject);
      void this.#runNext(subject);
    }
  }

  async #runNext(subject: string): Promise<void> {
    const event = this.#waiting.get(subject)?.shift();
    if (event !== undefined) {
      this.#running++;
      await this.#runScript(event);
      this.#running--;
    }
    if (this.#waiting.get(subject)?.length) this.#ready.add(subject);
    else this.#waiting.delete(subject);
    this.#startReady();
    this.#tellIdle();
  }

  async #runScript(event: ScriptEvent): Promise<void> {
    const { runScript } = this.#modules;
    const env = environment(event);
    const end = await runScript(event.script, { timeout: TIME_LIMIT, env, signal: this.#calledOff.signal });
    if (end.kind === 'exited' && end.code === 0) return;
    this.#problem(event, describeScriptEnd(end));
  }

  #giveUp(event: ScriptEvent | undefined, why: string): void {
    if (event !== undefined) this.#problem(event, `not run: ${why}`);
  }

  #problem(event: ScriptEvent, what: string): void {
    const { service, script } = event;
    const destination = event.kind === 'destination' ? event.destination : undefined;
    const text = `script ${script.argv[0]} for ${subjectOf(event)} ${event.state}: ${what}`;
    this.#modules.onProblem({ kind: 'script', text, service, ...(destination && { destination }) });
  }

  #tellIdle(): void {
    if (this.#waiting.size > 0) return;
    this.#idle?.();
    this.#idle = undefined;
  }
}

function subjectOf(event: ScriptEvent): string {
  return event.kind === 'destination' ? `${event.service} -> ${event.destination}` : event.service;
}

/** What a script can read of the event. */
function environment(event: ScriptEvent): Readonly<Record<string, string>> {
  return {
    VIPR_EVENT: event.kind,
    VIPR_SERVICE: event.service,
    ...(event.kind === 'destination' && { VIPR_DESTINATION: event.destination }),
    VIPR_STATE: event.state,
    VIPR_TEXT: event.text,
  };
}
