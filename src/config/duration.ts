import { z } from 'zod';
import type { Milliseconds } from '../model/unit.ts';
import { parsed } from './parsed.ts';

/** The longest time that a timer of Node.js takes. */
const LONGEST = 2 ** 31 - 1;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A duration from `least` milliseconds on, up to 24 days: `500ms`, `2s`, `5m`, `1h`, or a number of seconds. */
export function duration(least: number) {
  const from = least === 0 ? '' : `, of at least ${formatDuration(least as Milliseconds)}`;
  const expected = `a duration such as 500ms, 2s, 5m or 1h, or a number of seconds${from}`;
  return parsed(
    z.union([z.string(), z.number()], { error: `must be ${expected}` }),
    (value) => {
      const found = parseDuration(value);
      return found === undefined || found < least ? undefined : found;
    },
    expected,
  );
}

/** Undefined for what is no duration of whole milliseconds, from 0 to 24 days. */
export function parseDuration(value: string | number): Milliseconds | undefined {
  const [, digits = '', unit = 's'] = /^(\d{1,10}(?:\.\d{1,9})?)(ms|s|m|h)?$/.exec(String(value)) ?? [];
  if (digits === '') return undefined;
  const exact = Number(digits) * (UNITS[unit] ?? 0);
  const whole = Math.round(exact);
  return whole <= LONGEST && Math.abs(exact - whole) < 1e-6 ? (whole as Milliseconds) : undefined;
}

/** As {@link parseDuration} reads it: whole seconds as such, everything else in milliseconds. */
export function formatDuration(duration: Milliseconds): string {
  return duration % 1000 === 0 ? `${duration / 1000}s` : `${duration}ms`;
}
