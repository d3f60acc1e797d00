import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAME = /^vipr-vm-(\d+)-/;

/** A folder for one guest, named after this process; folders of processes that died before they could tidy up go. */
export function machineDirectory(): string {
  for (const name of readdirSync(tmpdir())) {
    const owner = NAME.exec(name)?.[1];
    if (owner !== undefined && !existsSync(`/proc/${owner}`)) {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    }
  }
  const directory = mkdtempSync(join(tmpdir(), `vipr-vm-${process.pid}-`));
  mkdirSync(join(directory, 'share'));
  return directory;
}
