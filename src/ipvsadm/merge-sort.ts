/**
 * Sorts as glibc's qsort(3) did up to 2.36 (stdlib/msort.c): halves are sorted and merged, the first one's element going first
 * where two are equal. Needed because the original's order of addresses is no order: differences of 32-bit words are taken as
 * signed, so that three addresses may each come before the next in a circle, and only the same algorithm gives the same list.
 */
export function mergeSort<T>(items: readonly T[], compare: (one: T, other: T) => number): T[] {
  const sorted = [...items];
  sortRange(sorted, [...items], 0, items.length, compare);
  return sorted;
}

/** Sorts `items` from `start` up to `end`; `spare` is as long, and what is in it does not matter. */
function sortRange<T>(
  items: T[],
  spare: T[],
  start: number,
  end: number,
  compare: (one: T, other: T) => number,
): void {
  if (end - start < 2) return;
  const middle = start + Math.floor((end - start) / 2);
  sortRange(items, spare, start, middle, compare);
  sortRange(items, spare, middle, end, compare);
  for (let index = start; index < end; index++) spare[index] = items[index] as T;
  let first = start;
  let second = middle;
  for (let index = start; index < end; index++) {
    const takesFirst =
      first < middle && (second === end || compare(spare[first] as T, spare[second] as T) <= 0);
    items[index] = spare[takesFirst ? first++ : second++] as T;
  }
}
