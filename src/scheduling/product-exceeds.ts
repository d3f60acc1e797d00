/**
 * Whether `a × b > c × d`, exactly, for non-negative safe integers. Products of overhead and weight may pass 2^53:
 * rounding keeps the order of two products but may make them equal, and only then is the costly comparison needed.
 */
export function productExceeds(a: number, b: number, c: number, d: number): boolean {
  const left = a * b;
  const right = c * d;
  if (left !== right || left <= Number.MAX_SAFE_INTEGER) return left > right;
  return BigInt(a) * BigInt(b) > BigInt(c) * BigInt(d);
}
