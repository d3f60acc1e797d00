import { readFileSync } from 'node:fs';

let count: number | undefined;

/** How many processors the kernel can have: per-CPU maps have a value for each, also for those that are offline. */
export function possibleCpus(): number {
  count ??= countCpus(readFileSync('/sys/devices/system/cpu/possible', 'utf8'));
  return count;
}

/** Counts a list such as `0-3,8,10-11`: Documentation/admin-guide/cputopology.rst. */
export function countCpus(list: string): number {
  return list
    .trim()
    .split(',')
    .map((range) => range.split('-').map(Number))
    .reduce((sum, [first = 0, last = first]) => sum + last - first + 1, 0);
}
