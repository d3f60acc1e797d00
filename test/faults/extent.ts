/**
 * How often faults of chance are tried: a part of it within `npm test`, `whole` with VIPR_FAULTS=whole.
 */
export function timesOf(
  { part, whole }: { readonly part: number; readonly whole: number },
  env = process.env,
): number {
  const given = env.VIPR_FAULTS ?? 'part';
  if (given === 'part') return part;
  if (given === 'whole') return whole;
  throw new Error(`VIPR_FAULTS is part or whole, not '${given}'`);
}
