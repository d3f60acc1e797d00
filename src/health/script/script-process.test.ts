import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { it } from 'node:test';
import type { Milliseconds } from '../../model/unit.ts';
import { runProcess } from './script-process.ts';

it('gives a process all groups of its user', { skip: whySkip() }, async () => {
  const end = await runProcess({
    path: '/bin/sh',
    name: 'sh',
    args: ['-c', 'echo "$(id -u) $(id -g) $(id -G)" >&2; exit 3'],
    env: { PATH: '/usr/bin:/bin' },
    timeout: 60_000 as Milliseconds,
    grace: 0 as Milliseconds,
    giveUp: 0 as Milliseconds,
    user: { name: 'nobody', uid: 65534, gid: 65534, supplementaryGroups: [1, 2], home: '/' },
    signal: undefined,
  });
  assert.deepEqual(end, { kind: 'exited', code: 3, lastLine: '65534 65534 65534 1 2' });
});

function whySkip(): string | false {
  if (process.geteuid?.() !== 0) return 'only root can become another user';
  return existsSync('/usr/bin/setpriv') || existsSync('/bin/setpriv') ? false : 'setpriv is not installed';
}
