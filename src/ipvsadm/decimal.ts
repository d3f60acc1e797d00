const WHOLE = /^[ \t\n\v\f\r]*[+-]?[0-9]+$/;
const PREFIX = /^[ \t\n\v\f\r]*[+-]?[0-9]+/;

/**
 * The number that a whole text stands for, as strtol(3) reads it in base 10 (leading blanks and a sign are fine), or
 * undefined where it is none or lies outside `least` to `most`.
 */
export function parseDecimal(text: string, least: number, most: number): number | undefined {
  if (!WHOLE.test(text)) return undefined;
  const value = Number(text);
  return value >= least && value <= most ? value + 0 : undefined;
}

const LONG_MAX = 2n ** 63n - 1n;
const LONG_MIN = -(2n ** 63n);

/** The number that a text begins with, as atoi(3) of glibc reads it: 0 where there is none, cut to 32 bits. */
export function parseDecimalPrefix(text: string): number {
  const digits = PREFIX.exec(text)?.[0].trim();
  if (digits === undefined) return 0;
  const value = BigInt(digits.replace(/^\+/, ''));
  const clamped = value > LONG_MAX ? LONG_MAX : value < LONG_MIN ? LONG_MIN : value;
  return Number(BigInt.asIntN(32, clamped));
}
