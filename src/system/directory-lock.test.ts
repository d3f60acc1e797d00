import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DirectoryLock } from './directory-lock.ts';

test('a directory is locked once, and free again when its holder lets go or is killed', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'vipr-lock-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const lock = DirectoryLock.take(directory);
  assert.ok(lock);
  assert.equal(DirectoryLock.take(directory), undefined);
  lock.release();

  const module = JSON.stringify(import.meta.resolve('./directory-lock.ts'));
  const program = `const { DirectoryLock } = await import(${module});
    console.log(DirectoryLock.take(${JSON.stringify(directory)}) !== undefined); setTimeout(() => 0, 20_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program]);
  t.after(() => void child.kill('SIGKILL'));
  const [said] = await once(child.stdout, 'data');
  assert.equal(String(said), 'true\n');
  assert.equal(DirectoryLock.take(directory), undefined);
  child.kill('SIGKILL');
  await once(child, 'close');
  DirectoryLock.take(directory)?.release();
  assert.throws(() => DirectoryLock.take(join(directory, 'nosuch')), { code: 'ENOENT' });
});
