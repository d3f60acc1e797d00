import assert from 'node:assert/strict';
import { chmodSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { replaceFile } from './replace-file.ts';
import { TestDirectory } from './vipr-process.ts';

test('a new file has the mode that the umask leaves, and nothing else is left', async () => {
  using directory = new TestDirectory();
  const file = join(directory.path, 'new.yaml');
  await replaceFile(file, 'new\n');
  assert.equal(readFileSync(file, 'utf8'), 'new\n');
  assert.equal(statSync(file).mode & 0o777, 0o666 & ~process.umask());
  assert.deepEqual(readdirSync(directory.path), ['new.yaml']);
});

test('a file that is there keeps its mode, and is another file', async () => {
  using directory = new TestDirectory();
  const file = directory.write('old.yaml', 'old\n');
  chmodSync(file, 0o640);
  const before = statSync(file);
  await replaceFile(file, 'new\n');
  const after = statSync(file);
  assert.equal(readFileSync(file, 'utf8'), 'new\n');
  assert.equal(after.mode, before.mode);
  assert.notEqual(after.ino, before.ino);
});

test('a symbolic link stays one', async () => {
  using directory = new TestDirectory();
  const file = directory.write('old.yaml', 'old\n');
  const link = join(directory.path, 'link.yaml');
  symlinkSync('old.yaml', link);
  await replaceFile(link, 'new\n');
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.equal(readFileSync(file, 'utf8'), 'new\n');
});

test('what cannot be written is told, and leaves nothing behind', async () => {
  using directory = new TestDirectory();
  await assert.rejects(replaceFile(directory.path, 'x'), { code: 'SYSTEM_CALL_FAILED' });
  await assert.rejects(replaceFile(join(directory.path, 'none', 'x'), 'x'), {
    code: 'SYSTEM_CALL_FAILED',
    errno: 'ENOENT',
  });
  assert.deepEqual(readdirSync(directory.path), []);
});
