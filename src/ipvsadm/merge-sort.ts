/**
 * Sorts as glibc's qsort(3) did up to 2.36 (stdlib/msort.c): halves are sorted and merged, the first one's element going first
 * where two are equal. Needed because the original's order of addresses is no order: differences of 32-bit words are taken as
 * signed, so that three addresses may each come before the next in a circle, and only the same algorithm gives the same list.
 */
export function mergeSort<T>(items: readonly T[], compare: (one: T, other: T) => number): T[] {
  if (items.length <= 1) return [...items];
  const middle = Math.floor(items.length / 2);
  const first = mergeSort(items.slice(0, middle), compare);
  const second = mergeSort(items.slice(middle), compare);
  const merged: T[] = [];
  let at = 0;
  let from = 0;
  for (let one = first[at], other = second[from]; one !== undefined && other !== undefined; ) {
    if (compare(one, other) <= 0) {
      merged.push(one);
      one = first[++at];
    } else {
      merged.push(other);
      other = second[++from];
    }
  }
  return merged.concat(first.slice(at), second.slice(from));
}
