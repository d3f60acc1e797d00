import type { Logger } from 'pino';
import type { DaemonFailure } from '../../model/configured-sync.ts';
import type { DaemonRole, SyncDaemon, SyncDaemonSettings } from '../../model/daemon.ts';
import type { EventFacts } from '../event-ring.ts';
import { type DaemonDifference, daemonDifferences } from './daemon-differences.ts';
import { type DaemonOperation, fitsDaemon, roleOf } from './daemon-operations.ts';

export interface DaemonDriftModules {
  readonly logger: Logger;
  readonly tell: (event: EventFacts) => void;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

interface Hand extends DaemonFailure {
  /** What was started; absent where it was stopped. */
  readonly daemon?: SyncDaemonSettings;
}

interface Found extends DaemonDifference {
  readonly since: string;
}

/**
 * Who else has a hand in the daemons: operators, through the director, whose will holds until the director has a reason to begin anew; and
 * other programs, behind its back, which is drift. Each difference is told once.
 */
export class DaemonDrift {
  readonly #modules: DaemonDriftModules;
  readonly #hands = new Map<DaemonRole, Hand>();
  #found: ReadonlyMap<DaemonRole, Found> = new Map();

  constructor(modules: DaemonDriftModules) {
    this.#modules = modules;
  }

  /** Takes in what an operator has done; `actor` is who that was, where it is known. */
  noteByHand(operation: DaemonOperation, actor = 'an operator'): void {
    const since = this.#now();
    this.#hands.set(
      roleOf(operation),
      operation.kind === 'start-daemon'
        ? { daemon: operation.daemon, text: `${actor} started one with other settings`, since }
        : { text: `${actor} stopped it`, since },
    );
  }

  /** Operators have had their say. */
  forgetHands(): void {
    this.#hands.clear();
  }

  /** Nothing differs, or nobody is to look. */
  clear(): void {
    this.#found = new Map();
  }

  /** What the director knows to run where these are wanted: what operators have made of them. */
  expected(wanted: readonly SyncDaemonSettings[]): SyncDaemonSettings[] {
    const untouched = wanted.filter(({ role }) => !this.#hands.has(role));
    const byHand = [...this.#hands.values()].flatMap(({ daemon }) => (daemon === undefined ? [] : [daemon]));
    return [...untouched, ...byHand];
  }

  /** Finds what other programs have done where these are wanted, and tells what was not there at the last look. */
  look(running: readonly SyncDaemon[], wanted: readonly SyncDaemonSettings[]): void {
    const { logger, tell } = this.#modules;
    // Whoever has made a daemon what the configuration says has done nothing that is to be undone.
    for (const daemon of wanted) {
      if (running.some((each) => each.role === daemon.role && fitsDaemon(each, daemon)))
        this.#hands.delete(daemon.role);
    }
    const found = new Map<DaemonRole, Found>();
    for (const difference of daemonDifferences(running, this.expected(wanted))) {
      const before = this.#found.get(difference.role);
      const isTold = before?.text === difference.text;
      found.set(difference.role, { ...difference, since: isTold ? before.since : this.#now() });
      if (isTold) continue;
      const text = `drift: another program ${difference.text}`;
      logger.warn(text);
      tell({ kind: 'drift', text });
    }
    this.#found = found;
  }

  /** Why the daemon in this role does not run as the configuration has it, where somebody has seen to that. */
  reasonOf(role: DaemonRole): DaemonFailure | undefined {
    const found = this.#found.get(role);
    if (found !== undefined) return { text: `another program ${found.short}`, since: found.since };
    const hand = this.#hands.get(role);
    return hand && { text: hand.text, since: hand.since };
  }

  #now(): string {
    return new Date(this.#modules.wallClock()).toISOString();
  }
}
