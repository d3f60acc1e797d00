import { spawnSync } from 'node:child_process';

/** Runs `work` with this thread on one processor, and lets it go anywhere again. Without taskset it stays where it is. */
export async function pinnedToCpu<Result>(cpu: number, work: () => Promise<Result>): Promise<Result> {
  const before = spawnSync('taskset', ['-p', String(process.pid)], { encoding: 'utf8' });
  spawnSync('taskset', ['-cp', String(cpu), String(process.pid)]);
  try {
    return await work();
  } finally {
    const mask = /mask: ([0-9a-f,]+)/.exec(before.stdout ?? '')?.[1];
    if (mask !== undefined) spawnSync('taskset', ['-p', mask, String(process.pid)]);
  }
}
