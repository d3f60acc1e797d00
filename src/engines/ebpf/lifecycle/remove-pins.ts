import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Instance } from './instance.ts';

/** Removes what is pinned directly in the instance's directory, and returns its names: the maps end with their last user. */
export function removePinnedMaps({ directory }: Instance): readonly string[] {
  if (!existsSync(directory)) return [];
  const names = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name);
  for (const name of names) rmSync(join(directory, name));
  return names;
}
