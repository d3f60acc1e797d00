/** Chunks of a sweep below which their numbers say too little. */
const TELLING_CHUNKS = 16;

/**
 * Entries of the fuller of the two connection tables. The totals count both families together; how they part shows in the chunks that the
 * last sweep of each had.
 */
export function fullerFamily(entries: number, chunks: readonly [inet: number, inet6: number]): number {
  const all = chunks[0] + chunks[1];
  return all < TELLING_CHUNKS ? entries : Math.round((entries * Math.max(...chunks)) / all);
}
