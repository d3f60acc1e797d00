import { parentPort, workerData } from 'node:worker_threads';
import { testRun } from '../test-run.ts';

/** What the thread is given: runs of `tiny_hold`, which lasts until the entry that it makes is gone. */
export interface HoldTask {
  readonly program: number;
  readonly argument: number;
}

const { program, argument } = workerData as HoldTask;
const context = new Uint8Array(Uint32Array.of(argument, 0).buffer);
parentPort?.postMessage(testRun({ fd: program }, { context }).verdict);
