import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename } from 'node:path';

/**
 * Makes the flat directory hold exactly these files: unchanged ones are left alone, changed ones replaced atomically,
 * others removed. Directories in it (the compile cache) stay.
 * @param {string} directory
 * @param {readonly { path: string, contents: Uint8Array }[]} files
 */
export function publishFiles(directory, files) {
  mkdirSync(directory, { recursive: true });
  const changed = files.filter(({ path, contents }) => !current(path)?.equals(contents));
  if (changed.length > 0) replace(directory, changed);
  const names = new Set(files.map(({ path }) => basename(path)));
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isFile() && !names.has(entry.name)) rmSync(`${directory}/${entry.name}`, { force: true });
  }
}

function replace(directory, files) {
  const drafts = mkdtempSync(`${directory}/.drafts-`);
  try {
    for (const { path, contents } of files) {
      const draft = `${drafts}/${basename(path)}`;
      writeFileSync(draft, contents);
      renameSync(draft, path);
    }
  } finally {
    rmSync(drafts, { recursive: true, force: true });
  }
}

function current(path) {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
