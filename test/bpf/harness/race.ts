import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { build, type Layer } from '../../packet/packet.ts';
import type { Lab } from './lab.ts';
import type { RaceRun, RaceTask } from './race-worker.ts';
import { skbContext } from './run-frame.ts';

/** Has two threads, so where there are two processors both, show each frame to `vipr_ingress` at the same time. Returns what it returned. */
export function race(lab: Lab, packets: readonly (readonly Layer[])[]): Promise<number[][]> {
  const runs = packets.map((layers) => arrivalOf(lab, layers));
  return raceRuns([runs, runs]);
}

/** A frame that `vipr_ingress` is shown. */
export function arrivalOf(lab: Lab, layers: readonly Layer[]): RaceRun {
  return {
    program: lab.plane.program('vipr_ingress').fd,
    context: skbContext(lab.network.clients.ifindex, 0),
    data: new Uint8Array(build(layers)),
  };
}

/** Has a thread for each list run what is in it, each run at the same time as those of the others. Returns what the programs returned. */
export async function raceRuns(lists: readonly (readonly RaceRun[])[]): Promise<number[][]> {
  const most = Math.max(...lists.map((runs) => runs.length));
  const arrivals = new Int32Array(new SharedArrayBuffer(4 * most));
  const workers = lists.map((runs) => {
    const task: RaceTask = { runs, arrivals, threads: lists.length };
    return new Worker(new URL('race-worker.ts', import.meta.url), { workerData: task });
  });
  try {
    return await Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0]));
  } finally {
    for (const worker of workers) await worker.terminate();
  }
}
