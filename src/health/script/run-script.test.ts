import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Milliseconds } from '../../model/unit.ts';
import { type RunScriptOptions, runScript, type ScriptEnd } from './run-script.ts';

const folder = mkdtempSync(join(tmpdir(), 'vipr-script-'));
after(() => rmSync(folder, { recursive: true }));

const MINUTE = 60_000 as Milliseconds;
const SHORT = 50 as Milliseconds;

describe('runScript', () => {
  it('tells the exit code', async () => {
    assert.deepEqual(await sh('exit 7'), { kind: 'exited', code: 7 });
  });

  it('tells the signal that ended it', async () => {
    assert.deepEqual(await sh('kill -9 $$'), { kind: 'signalled', signal: 'SIGKILL' });
  });

  it('keeps the last line of standard error, without control characters', async () => {
    assert.deepEqual(await sh("echo first >&2; printf 'no\\033[1m route\\n\\n' >&2; exit 1"), {
      kind: 'exited',
      code: 1,
      lastLine: 'no [1m route',
    });
  });

  it('bounds what it keeps', async () => {
    const end = await sh('head -c 3000000 /dev/zero | tr "\\0" x >&2');
    assert.equal(end.kind === 'exited' && end.lastLine, `${'x'.repeat(200)}…`);
  });

  it('passes arguments as they are, and nothing to read', async () => {
    const file = script('arguments', `cat; for word; do echo "<$word>"; done > ${join(folder, 'words')}`);
    await run([file, '$HOME; true', '*'], { args: ["it's", ''] });
    assert.equal(readFileSync(join(folder, 'words'), 'utf8'), "<$HOME; true>\n<*>\n<it's>\n<>\n");
  });

  it('gives a small environment, and what the caller adds', async () => {
    process.env.VIPR_SECRET = 'secret';
    const file = script('environment', `pwd > ${folder}/env; /usr/bin/env >> ${folder}/env`);
    await run([file], { env: { VIPR_STATE: 'up' } });
    const text = readFileSync(join(folder, 'env'), 'utf8');
    assert.match(text, /^\/\n/);
    assert.match(text, /^VIPR_STATE=up$/m);
    assert.match(text, /^PATH=\/usr\/local\/sbin:/m);
    assert.doesNotMatch(text, /VIPR_SECRET/);
  });

  it('finds programs by their name alone', async () => {
    assert.deepEqual(await run(['true']), { kind: 'exited', code: 0 });
  });

  it('ends what does not end in its time, with what that started', async () => {
    const file = script('sleeper', `sleep 1000 & echo $! > ${folder}/child; wait`);
    assert.deepEqual(await run([file], { timeout: 300 as Milliseconds }), { kind: 'timed-out' });
    await isGone(Number(readFileSync(join(folder, 'child'), 'utf8')));
  });

  it('ends what ignores SIGTERM', async () => {
    const end = await sh("trap '' TERM; echo stays >&2; while :; do sleep 1000; done", {
      timeout: 300 as Milliseconds,
      grace: SHORT,
    });
    assert.deepEqual(end, { kind: 'timed-out', lastLine: 'stays' });
  });

  it('takes the time limit of the command before that of the caller', async () => {
    const command = { argv: ['sleep', '1000'], timeout: SHORT };
    assert.deepEqual(await runScript(command, { timeout: MINUTE }), { kind: 'timed-out' });
  });

  it('ends what is called off, whatever exit code that gives', async () => {
    const calls = new AbortController();
    const file = script(
      'patient',
      `trap 'exit 0' TERM; echo > ${folder}/ready; while :; do sleep 0.05; done`,
    );
    const end = run([file], { signal: calls.signal });
    while (!(await exists(join(folder, 'ready')))) await pause(10);
    calls.abort();
    const { kind, ...rest } = await end;
    assert.deepEqual([kind, 'signal' in rest && rest.signal], ['signalled', 'SIGTERM']);
  });

  it('starts nothing that is already called off', async () => {
    const end = await run(['true'], { signal: AbortSignal.abort() });
    assert.deepEqual(end, { kind: 'not-started', reason: 'it was called off' });
  });

  it('does not wait for what a script leaves behind', async () => {
    const end = await sh(`sleep 1000 & echo $! > ${folder}/left; echo done >&2`);
    const left = Number(readFileSync(join(folder, 'left'), 'utf8'));
    try {
      assert.deepEqual(end, { kind: 'exited', code: 0, lastLine: 'done' });
      process.kill(left, 0);
    } finally {
      process.kill(left, 'SIGKILL');
    }
  });

  it('says what is missing or not executable', async () => {
    const plain = join(folder, 'plain');
    writeFileSync(plain, '#!/bin/sh\n', { mode: 0o644 });
    const orphan = script('orphan', '', '#!/no/such/interpreter');
    const reasons: [string[], string][] = [
      [[join(folder, 'none')], `no such file: ${join(folder, 'none')}`],
      [[plain], `${plain} is not executable: its mode is 0644`],
      [[folder], `${folder} is not a file`],
      [
        ['vipr-no-such-program'],
        'there is no program vipr-no-such-program in /usr/local/sbin:/usr/local/bin',
      ],
      [[orphan], `the interpreter that ${orphan} names in its first line is missing`],
      [[''], 'the command is empty'],
    ];
    for (const [argv, reason] of reasons) {
      const end = await run(argv);
      assert.equal(end.kind, 'not-started');
      assert.ok(end.kind === 'not-started' && end.reason.startsWith(reason), JSON.stringify(end));
    }
  });

  it('says that a user or a group is unknown', async () => {
    assert.deepEqual(await runScript({ argv: ['true'], user: 'no-such' }, { timeout: MINUTE }), {
      kind: 'not-started',
      reason: 'there is no user no-such in /etc/passwd',
    });
    assert.deepEqual(await runScript({ argv: ['true'], group: 'no-such' }, { timeout: MINUTE }), {
      kind: 'not-started',
      reason: 'there is no group no-such in /etc/group',
    });
  });

  const notRoot = process.geteuid?.() === 0 ? false : 'only root can become another user';
  it('runs as the user of the command, with its groups and none of the caller', {
    skip: notRoot,
  }, async () => {
    const command = { argv: ['sh', '-c', 'id >&2'], user: 'nobody', group: 'daemon' };
    const end = await runScript(command, { timeout: MINUTE });
    assert.match(
      (end.kind === 'exited' && end.lastLine) || '',
      /^uid=65534\(nobody\) gid=1\(daemon\) groups=1\(daemon\)$/,
    );
  });

  it('says whose mode keeps it from being run', { skip: notRoot }, async () => {
    const file = script('private', 'exit 0', '#!/bin/sh', 0o700);
    const end = await runScript({ argv: [file], user: 'nobody' }, { timeout: MINUTE });
    assert.deepEqual(end, {
      kind: 'not-started',
      reason: `${file} is not executable by nobody: its mode is 0700`,
    });
  });
});

function run(argv: string[], options: Partial<RunScriptOptions> = {}): Promise<ScriptEnd> {
  return runScript({ argv }, { timeout: MINUTE, ...options });
}

function sh(text: string, options: Partial<RunScriptOptions> = {}): Promise<ScriptEnd> {
  return run(['sh', '-c', text], options);
}

function script(name: string, text: string, first = '#!/bin/sh', mode = 0o755): string {
  const file = join(folder, name);
  writeFileSync(file, `${first}\n${text}\n`, { mode });
  return file;
}

async function exists(file: string): Promise<boolean> {
  try {
    readFileSync(file);
    return true;
  } catch {
    return false;
  }
}

/** A killed process is seen until its parent, which here is init or the sub-reaper, has taken note. */
async function isGone(pid: number): Promise<void> {
  for (;;) {
    try {
      const state = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0];
      if (state === 'Z' || state === 'X') return;
    } catch {
      return;
    }
    await pause(10);
  }
}
