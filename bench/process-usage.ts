import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second in /proc/PID/stat (USER_HZ). */
const USER_HZ = 100;

/** Processor time in seconds. */
export interface CpuTime {
  readonly user: number;
  readonly system: number;
}

/** Processor time, so far, of a process and of all that it started and that run. */
export function cpuTimeOf(pid: number): CpuTime {
  let user = 0;
  let system = 0;
  for (const each of processTree(pid)) {
    const fields = readFileSync(`/proc/${each}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    user += Number(fields[11]) / USER_HZ;
    system += Number(fields[12]) / USER_HZ;
  }
  return { user, system };
}

/** Memory, in bytes, of a process and of all that it started: shared pages are divided among those that share them (PSS). */
export function memoryOf(pid: number): number {
  let kilobytes = 0;
  for (const each of processTree(pid)) {
    const rollup = readFileSync(`/proc/${each}/smaps_rollup`, 'utf8');
    kilobytes += Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0);
  }
  return kilobytes * 1024;
}

function processTree(pid: number): number[] {
  const pids = [pid];
  for (const parent of pids) {
    for (const task of readdirSync(`/proc/${parent}/task`)) {
      const children = readFileSync(`/proc/${parent}/task/${task}/children`, 'utf8').trim();
      if (children !== '') pids.push(...children.split(' ').map(Number));
    }
  }
  return pids;
}
