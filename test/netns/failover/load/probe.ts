import type { Host } from '../../lab/host.ts';
import { ReportingProgram } from '../../peer/reporting-program.ts';
import type { LoadTarget } from './load-target.ts';

export interface ProbeOptions {
  readonly targets: readonly LoadTarget[];
  /** From one new connection to a target to the next. */
  readonly intervalMs: number;
  /** After which one has failed: less than TCP takes to try again. */
  readonly timeoutMs: number;
}

/** A new connection: times in milliseconds of the system's monotonic clock. */
export interface Attempt {
  readonly target: string;
  readonly began: number;
  readonly ended: number;
  /** Absent where the server answered. */
  readonly failure?: string;
}

/** New connections all the time. It reports those that have ended since the last report. */
export type Probe = ReportingProgram<readonly Attempt[]>;

const SCRIPT = new URL('./probe-process.ts', import.meta.url);

export function startProbe(
  host: Host,
  options: Omit<ProbeOptions, 'intervalMs' | 'timeoutMs'>,
): Promise<Probe> {
  return ReportingProgram.start(host, SCRIPT, { intervalMs: 20, timeoutMs: 250, ...options });
}
