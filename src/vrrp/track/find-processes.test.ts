import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { processFinder } from './find-processes.ts';

const proc = mkdtempSync(join(tmpdir(), 'vipr-proc-'));
after(() => rmSync(proc, { recursive: true }));

function run(pid: number, comm: string, cmdline: string, state = 'S'): void {
  mkdirSync(join(proc, `${pid}`), { recursive: true });
  writeFileSync(join(proc, `${pid}`, 'stat'), `${pid} (${comm}) ${state} 1 1 1\n`);
  writeFileSync(join(proc, `${pid}`, 'cmdline'), `${cmdline}\0-x\0`);
}

it('finds programs by name and by path, none that is a zombie, and notices ends', async () => {
  writeFileSync(join(proc, 'uptime'), '1 1\n');
  run(10, 'nginx', 'nginx: master process');
  run(11, 'haproxy', '/usr/sbin/haproxy');
  run(12, 'dead', '', 'Z');
  run(13, 'odd) (name', '/opt/odd) (name');
  run(14, 'a-name-that-is-', '/opt/a-name-that-is-too-long');
  run(15, 'a-name-that-is-', '/opt/a-name-that-is-something-else');
  const find = processFinder(proc);
  const names = new Set([
    'nginx',
    '/usr/sbin/haproxy',
    '/usr/local/sbin/haproxy',
    'dead',
    'odd) (name',
    'a-name-that-is-too-long',
    'a-name-that-is-nowhere',
  ]);
  const expected = ['/usr/sbin/haproxy', 'a-name-that-is-too-long', 'nginx', 'odd) (name'];
  assert.deepEqual([...(await find(names))].sort(), expected);
  rmSync(join(proc, '10'), { recursive: true });
  run(11, 'other', '/usr/sbin/other');
  assert.deepEqual([...(await find(names))].sort(), expected.slice(1, 2).concat('odd) (name'));
  run(20, 'nginx', 'nginx: master process');
  assert.ok((await find(names)).has('nginx'));
});
