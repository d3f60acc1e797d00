import { createHash, randomBytes } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from '../lab/lab.ts';

/** Random bytes on disk. */
export interface LargeFile {
  readonly path: string;
  readonly bytes: number;
  /** Of the whole, hexadecimal. */
  readonly sha256: string;
}

const MEGABYTE = 1024 * 1024;

/** Makes a file in the lab's directory, which all hosts can serve. */
export async function makeLargeFile(lab: Lab, megabytes: number): Promise<LargeFile> {
  const path = join(lab.directory, `large-${megabytes}`);
  const hash = createHash('sha256');
  for (let done = 0; done < megabytes; done++) {
    const bytes = randomBytes(MEGABYTE);
    hash.update(bytes);
    await appendFile(path, bytes);
  }
  return { path, bytes: megabytes * MEGABYTE, sha256: hash.digest('hex') };
}
