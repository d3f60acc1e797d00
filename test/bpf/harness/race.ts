import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { build, type Layer } from '../../packet/packet.ts';
import type { Lab } from './lab.ts';
import type { RaceTask } from './race-worker.ts';
import { skbContext } from './run-frame.ts';

const THREADS = 2;

/** Has two threads, so where there are two processors both, show each frame to `vipr_ingress` at the same time. Returns what it returned. */
export async function race(lab: Lab, packets: readonly (readonly Layer[])[]): Promise<number[][]> {
  const task: RaceTask = {
    program: lab.plane.program('vipr_ingress').fd,
    context: skbContext(lab.network.clients.ifindex, 0),
    frames: packets.map((layers) => new Uint8Array(build(layers))),
    arrivals: new Int32Array(new SharedArrayBuffer(4 * packets.length)),
    threads: THREADS,
  };
  const workers = Array.from(
    { length: THREADS },
    () => new Worker(new URL('race-worker.ts', import.meta.url), { workerData: task }),
  );
  try {
    return await Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0]));
  } finally {
    for (const worker of workers) await worker.terminate();
  }
}
