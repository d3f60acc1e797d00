import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedNames } from '../../test/ipvsadm/fixed-names.ts';
import { MemoryEngine } from '../engines/memory/memory-engine.ts';
import { runIpvsadm } from './run.ts';
import { runIpvsadmRestore } from './run-restore.ts';

async function restore(input: string) {
  const engine = new MemoryEngine();
  let stderr = '';
  const io = {
    stdin: async () => input,
    stdout: () => undefined,
    stderr: (text: string) => {
      stderr += text;
    },
  };
  const modules = { openEngine: async () => engine, names: fixedNames() };
  await runIpvsadm(['-A', '-t', '192.0.2.1:1'], io, modules);
  const exitCode = await runIpvsadmRestore([], io, modules);
  const { services } = await engine.snapshot();
  return { exitCode, stderr, ports: services.map(({ id }) => (id.kind === 'address' ? Number(id.port) : 0)) };
}

test('the table is replaced by what the input says, without its comments', async () => {
  assert.deepEqual(
    await restore('# saved\n-A -t 192.0.2.10:80\n#-A -t 192.0.2.10:81\n\n-A -t 192.0.2.10:82\n'),
    {
      exitCode: 0,
      stderr: '',
      ports: [82, 80],
    },
  );
  assert.deepEqual((await restore('')).ports, [], 'an empty input empties the table, as with the original');
});

test('input that is no list of commands loses nothing', async () => {
  assert.deepEqual(await restore('-A -t 192.0.2.10:80\n# note\n-A -t 192.0.2.10\n-A -t 192.0.2.10:81\n'), {
    exitCode: 2,
    stderr:
      'Zero port specified for non-persistent service\n' +
      'vipr: line 3 of the input is no command: the table was left as it is\n',
    ports: [1],
  });
});

test('what the engine refuses is reported, and the rest goes on', async () => {
  assert.deepEqual(await restore('-A -t 192.0.2.10:80\n-A -t 192.0.2.10:80\n-A -t 192.0.2.10:81\n'), {
    exitCode: 0,
    stderr: 'Service already exists\n',
    ports: [81, 80],
  });
});
