import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedNames } from '../../test/ipvsadm/fixed-names.ts';
import type { Engine } from '../engines/engine.ts';
import { MemoryEngine } from '../engines/memory/memory-engine.ts';
import { ViprError } from '../model/error.ts';
import { runIpvsadm } from './run.ts';

async function run(argv: readonly string[], openEngine: () => Promise<Engine>) {
  const printed = { stdout: '', stderr: '' };
  const exitCode = await runIpvsadm(
    argv,
    {
      stdin: async () => '',
      stdout: (text) => {
        printed.stdout += text;
      },
      stderr: (text) => {
        printed.stderr += text;
      },
    },
    { openEngine, names: fixedNames() },
  );
  return { exitCode, ...printed };
}

const ARE_YOU_SURE = 'Are you sure that IP Virtual Server is built in the kernel or as module?\n';

const failing = (error: Error) => async (): Promise<Engine> => {
  throw error;
};

const notRunning = failing(
  new ViprError('DIRECTOR_NOT_RUNNING', 'No director is running at /run/x.sock.', { hint: 'Start one.' }),
);

test('without a director every command fails as without IPVS, and says why', async () => {
  for (const argv of [[], ['-L'], ['-A'], ['nonsense'], ['-Lh']]) {
    assert.deepEqual(await run(argv, notRunning), {
      exitCode: 2,
      stdout: '',
      stderr:
        "Can't initialize ipvs: Protocol not available\n" +
        `${ARE_YOU_SURE}vipr: No director is running at /run/x.sock. Start one.\n`,
    });
  }
});

test('without permission it says so', async () => {
  const denied = failing(new ViprError('PERMISSION_DENIED', 'Not your socket.', { hint: 'Be root.' }));
  const { stderr, exitCode } = await run(['-L'], denied);
  assert.equal(
    stderr,
    `Can't initialize ipvs: Permission denied (you must be root)\n${ARE_YOU_SURE}vipr: Not your socket. Be root.\n`,
  );
  assert.equal(exitCode, 2);
});

test('help and version need no director', async () => {
  const version = 'ipvsadm v1.31 2019/12/24 (compiled with popt and IPVS v1.2.1)\n';
  assert.deepEqual(await run(['--version', '-x'], notRunning), { exitCode: 0, stdout: version, stderr: '' });
  const help = await run(['-h'], notRunning);
  assert.equal(help.exitCode, 0);
  assert.ok(help.stdout.startsWith(version));
});

test('an engine that fails in the middle is told in its own words', async () => {
  const engine = new MemoryEngine();
  const failure = new ViprError('ENGINE_FAILED', 'It broke.', { hint: 'Look at its log.' });
  engine.execute = () => Promise.reject(failure);
  engine.snapshot = () => Promise.reject(failure);
  const open = async (): Promise<Engine> => engine;
  assert.deepEqual(await run(['-C'], open), {
    exitCode: 255,
    stdout: '',
    stderr: 'It broke. Look at its log.\n',
  });
  assert.deepEqual(await run(['-L'], open), {
    exitCode: 1,
    stdout: '',
    stderr: 'It broke. Look at its log.\n',
  });
});
