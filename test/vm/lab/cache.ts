import { mkdirSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The checkout. */
export const CHECKOUT = resolve(import.meta.dirname, '../../..');

/** Where packages and what is unpacked of them stay between runs; `git clean -dx` removes it. */
export function cacheDirectory(...parts: readonly string[]): string {
  const directory = join(CHECKOUT, '.cache', 'vm', ...parts);
  mkdirSync(directory, { recursive: true });
  return realpathSync(directory);
}
