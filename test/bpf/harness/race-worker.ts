import { parentPort, workerData } from 'node:worker_threads';
import { testRun } from '../../../src/system/bpf/test-run.ts';

/** What a thread of a race is given. */
export interface RaceTask {
  readonly program: number;
  /** `struct __sk_buff` */
  readonly context: Uint8Array;
  readonly frames: readonly Uint8Array[];
  /** How many threads arrived at each frame. */
  readonly arrivals: Int32Array;
  readonly threads: number;
}

/** Some hundred microseconds: a thread that is not there by then has no processor, and there is no race. */
const LONGEST_WAIT = 20_000;

const { program, context, frames, arrivals, threads } = workerData as RaceTask;
const verdicts = frames.map((data, index) => {
  Atomics.add(arrivals, index, 1);
  // Waiting by turning round: what wakes a sleeper takes longer than the race.
  for (let turn = 0; turn < LONGEST_WAIT && Atomics.load(arrivals, index) < threads; turn++);
  return testRun({ fd: program }, { data, context }).verdict | 0;
});
parentPort?.postMessage(verdicts);
