import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { CHECKOUT } from './source-file.ts';

/** Exit code of `build-bpf.mjs --check` where the compiler of the objects is not here. */
const CANNOT_TELL = 2;

test('the objects of bpf/ and the layout in TypeScript are what the C sources make', (t) => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/build-bpf.mjs', '--check'], {
    cwd: CHECKOUT,
    encoding: 'utf8',
  });
  if (status === CANNOT_TELL) return t.skip(stderr.trim());
  assert.equal(status, 0, stderr);
});
