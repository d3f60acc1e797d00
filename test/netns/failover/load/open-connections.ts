import type { Host } from '../../lab/host.ts';
import { ReportingProgram } from '../../peer/reporting-program.ts';
import type { LoadTarget } from './load-target.ts';

export interface OpenConnectionsOptions {
  /** Connections are spread over them evenly. */
  readonly targets: readonly LoadTarget[];
  readonly count: number;
  /** From an answer to the next line, on average. */
  readonly intervalMs: number;
  /** How long a report waits for answers. */
  readonly limitMs: number;
}

export interface OpenConnectionsReport {
  readonly opened: number;
  /** Connections that are lost, by the name of the target and the cause: an errno, `ended`, `other bytes` or `silent`. */
  readonly lost: Readonly<Record<string, number>>;
  /** The longest time that a line was on its way since the last report, by the name of the target. */
  readonly longestMs: Readonly<Record<string, number>>;
}

/** Connections to echo servers that stay open, and on which lines go to and fro. */
export type OpenConnections = ReportingProgram<OpenConnectionsReport>;

const SCRIPT = new URL('./open-connections-process.ts', import.meta.url);

/** Resolves when all are open, and each has exchanged a line. */
export function openConnections(
  host: Host,
  options: Omit<OpenConnectionsOptions, 'intervalMs' | 'limitMs'>,
): Promise<OpenConnections> {
  return ReportingProgram.start(host, SCRIPT, { intervalMs: 400, limitMs: 30_000, ...options });
}

/** How many of the connections are lost. */
export function lostOf({ lost }: OpenConnectionsReport): number {
  return Object.values(lost).reduce((sum, count) => sum + count, 0);
}
