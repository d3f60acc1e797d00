import type { Measurement, Ratio } from './benchmark.ts';

/** The measurements as a table for people, one line each. */
export function formatMeasurements(measurements: readonly Measurement[]): string {
  const width = Math.max(...measurements.map(({ name }) => name.length));
  return measurements.map((measurement) => `${formatLine(measurement, width)}\n`).join('');
}

function formatLine(
  { name, value, unit, samples, quartiles, ratio, note }: Measurement,
  width: number,
): string {
  const [low, high] = quartiles.map(number);
  const head = `${name.padEnd(width)}  ${number(value)} ${unit}  (${low} to ${high}, ${samples} runs)`;
  const compared =
    ratio === undefined ? '' : `  ${ratio.value.toFixed(2)} times ${ratio.to}${verdict(ratio)}`;
  return `${head}${compared}${note === undefined ? '' : `\n${' '.repeat(width)}  ${note}`}`;
}

function verdict({ value, limit, target }: Ratio): string {
  if (limit !== undefined) return `, ${value <= limit ? 'within' : 'ABOVE'} the limit of ${limit}`;
  if (target !== undefined) return `, ${value >= target ? 'reaches' : 'BELOW'} the target of ${target}`;
  return '';
}

function number(value: number): string {
  return value.toFixed(value < 100 ? 1 : 0).padStart(6);
}
