import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

test('says what to do where libbpf cannot be loaded', () => {
  const error = failureWith((path) => writeFileSync(path, 'no library'));
  assert.equal(error.message, 'libbpf.so.1 cannot be loaded');
  assert.match(error.hint, /^Install libbpf 1\.0 or later: /);
});

test('says so where libbpf is older than 1.0', () => {
  // A library that is there already and lacks the functions, as an old one does.
  const [, libc] =
    /\s(\/\S*libc\.so\S*|\/\S*ld-musl\S*)$/m.exec(readFileSync('/proc/self/maps', 'utf8')) ?? [];
  assert.ok(libc);
  const error = failureWith((path) => symlinkSync(libc, path));
  assert.equal(error.message, 'the libbpf of this system is older than 1.0');
});

/** What opening libbpf throws in a process that finds the prepared one. */
function failureWith(prepare: (path: string) => void): { readonly message: string; readonly hint: string } {
  const folder = mkdtempSync(join(tmpdir(), 'vipr-libbpf-'));
  try {
    prepare(join(folder, 'libbpf.so.1'));
    const code = `import(${JSON.stringify(new URL('./libbpf.ts', import.meta.url).href)})
      .then(({ libbpf }) => libbpf())
      .catch(({ name, message, hint }) => console.log(JSON.stringify({ name, message, hint })))`;
    const env = { ...process.env, LD_LIBRARY_PATH: folder };
    const run = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8', env });
    const error = JSON.parse(run.stdout);
    assert.equal(error.name, 'LibbpfUnavailableError');
    return error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
