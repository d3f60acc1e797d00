/** Milliseconds. */
const DELAYS = [0, 1000, 2000, 4000] as const;
const LONGEST = 5000;

/** How long to wait, in milliseconds, before what has failed so often in a row is tried again: not at all, then up to 5 s. */
export function retryDelay(failures: number): number {
  return DELAYS[failures - 1] ?? LONGEST;
}
