import type { Measurement, Ratio } from '../benchmark.ts';
import { median, quantile } from '../statistics.ts';

/** The median of samples with their middle half. */
export function measurementOf(
  name: string,
  unit: string,
  samples: readonly number[],
  { ratio, note }: { readonly ratio?: Ratio | undefined; readonly note?: string | undefined } = {},
): Measurement {
  return {
    name,
    value: median(samples),
    unit,
    samples: samples.length,
    quartiles: [quantile(samples, 0.25), quantile(samples, 0.75)],
    ...(ratio !== undefined && { ratio }),
    ...(note !== undefined && { note }),
  };
}
