import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../config/duration.ts';

/** Reads an option's value that is a duration of at least a second, as vipr.yaml has them: `90s`, `5m`, `1h`. In seconds. */
export function durationArgument(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined && milliseconds >= 1000) return Math.round(milliseconds / 1000);
  throw new InvalidArgumentError('It must be a duration of at least a second, such as 90s, 5m or 1h.');
}
