const SCALES = [
  { below: 10n ** 9n, divisor: 10n ** 3n, letter: 'K' },
  { below: 10n ** 11n, divisor: 10n ** 6n, letter: 'M' },
  { below: 10n ** 14n, divisor: 10n ** 9n, letter: 'G' },
] as const;

/**
 * A number in nine columns: as it is below 10^8, in thousands (K) below 10^9, in millions (M) below 10^11, in
 * thousands of millions (G) below 10^14, in millions of millions (T) above; rounded down.
 */
export function formatScaled(value: bigint): string {
  if (value < 100_000_000n) return `${value}`.padStart(9);
  for (const { below, divisor, letter } of SCALES) {
    if (value < below) return `${`${value / divisor}`.padStart(8)}${letter}`;
  }
  return `${`${value / 10n ** 12n}`.padStart(8)}T`;
}

/** A number in full, after a blank, in nine columns or more. */
export function formatExact(value: bigint): string {
  return ` ${`${value}`.padStart(8)}`;
}
