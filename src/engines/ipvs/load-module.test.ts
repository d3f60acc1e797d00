import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadModule } from './load-module.ts';

test('loadModule runs modprobe with the name behind --', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'vipr-modprobe-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const program = join(directory, 'modprobe');
  writeFileSync(
    program,
    `#!/bin/sh\necho "$@" > ${directory}/arguments\necho noise\necho noise >&2\nexit 1\n`,
  );
  chmodSync(program, 0o755);
  await loadModule('ip_vs', program);
  assert.equal(readFileSync(join(directory, 'arguments'), 'utf8'), '-- ip_vs\n');
});

test('loadModule says nothing where there is no modprobe', async () => {
  await loadModule('ip_vs', '/nonexistent/modprobe');
  await loadModule('no_such_module_of_vipr');
});
