import { parentPort, workerData } from 'node:worker_threads';
import { testRun } from '../../../src/system/bpf/test-run.ts';

/** One run of a program. */
export interface RaceRun {
  readonly program: number;
  /** The frame; none for programs of type syscall. */
  readonly data?: Uint8Array;
  readonly context: Uint8Array;
}

/** What a thread of a race is given. */
export interface RaceTask {
  readonly runs: readonly RaceRun[];
  /** How many threads arrived at each run. */
  readonly arrivals: Int32Array;
  readonly threads: number;
}

/** Some hundred microseconds: a thread that is not there by then has no processor, and there is no race. */
const LONGEST_WAIT = 20_000;

const { runs, arrivals, threads } = workerData as RaceTask;
const verdicts = runs.map(({ program, data, context }, index) => {
  Atomics.add(arrivals, index, 1);
  // Waiting by turning round: what wakes a sleeper takes longer than the race.
  for (let turn = 0; turn < LONGEST_WAIT && Atomics.load(arrivals, index) < threads; turn++);
  return testRun({ fd: program }, data === undefined ? { context } : { data, context }).verdict | 0;
});
parentPort?.postMessage(verdicts);
