import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
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

/** One that has something in it stays, and so does one that a BPF file system is mounted on. */
export function removeDirectoryIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EBUSY'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
