import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SOCKET = '/nonexistent/vipr.sock';

/** Runs an entry point in a process of its own, where no director answers. */
function run(entry: string, args: readonly string[], input = '') {
  const file = fileURLToPath(new URL(`../../src/ipvsadm/${entry}`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], {
    input,
    encoding: 'utf8',
    env: { ...process.env, VIPR_SOCKET: SOCKET },
    timeout: 20_000,
  });
  return { status, stdout, stderr };
}

test('each entry point says that no director answers, and where', () => {
  for (const entry of ['main.ts', 'save.ts', 'restore.ts']) {
    const { status, stdout, stderr } = run(entry, []);
    const lines = stderr.split('\n');
    assert.equal(status, 2, entry);
    assert.equal(stdout, '');
    assert.equal(lines[0], "Can't initialize ipvs: Protocol not available");
    assert.match(lines[2] ?? '', new RegExp(`^vipr: .*${SOCKET}`));
    assert.equal(lines.length, 4);
  }
});

test('each entry point explains itself without a director', () => {
  assert.match(run('main.ts', ['--help']).stdout, /^ipvsadm v1\.31 .*\n/);
  assert.match(run('save.ts', ['--help']).stderr, /^ipvsadm-save writes/);
  assert.match(run('restore.ts', ['--help']).stdout, /^ipvsadm-restore replaces/);
});
