import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MemoryEngine } from '../../src/engines/memory/memory-engine.ts';
import { SWITCHES } from '../../src/ipvsadm/grammar.ts';
import { runIpvsadm } from '../../src/ipvsadm/run.ts';
import type { Operation } from '../../src/model/operation.ts';
import { fixedNames } from './fixed-names.ts';

const VALUES = [
  '192.0.2.10:80',
  '192.0.2.10',
  '[2001:db8::1]:80',
  '10.0.0.11:8080',
  'www.example.test:http',
  '0',
  '1',
  '255',
  '65536',
  '4294967295',
  '-1',
  'rr',
  'sh',
  'sh-port',
  'gue',
  'sip',
  'lo',
  '224.0.0.1',
  '255.255.255.0',
  '64',
  'master',
];

const word = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...SWITCHES.flatMap(formsOf)) },
  { weight: 4, arbitrary: fc.constantFrom(...VALUES) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  { weight: 1, arbitrary: fc.constantFrom('-', '--', '-Ln', '-x=', '--nosuch', '', '--list=', "'", '"') },
);

function formsOf({ long, short }: (typeof SWITCHES)[number]): string[] {
  return [...(long === undefined ? [] : [`--${long}`]), ...(short === undefined ? [] : [`-${short}`])];
}

/** A memory engine that counts the operations it carried out. */
class WatchedEngine extends MemoryEngine {
  changes = 0;

  override async execute(operations: readonly Operation[]) {
    const outcomes = await super.execute(operations);
    this.changes += outcomes.filter((outcome) => outcome === undefined).length;
    return outcomes;
  }
}

async function run(argv: readonly string[], stdin: string) {
  const engine = new WatchedEngine();
  const output = { stdout: '', stderr: '' };
  const exitCode = await runIpvsadm(
    argv,
    {
      stdin: async () => stdin,
      stdout: (text) => {
        output.stdout += text;
      },
      stderr: (text) => {
        output.stderr += text;
      },
    },
    { openEngine: async () => engine, names: fixedNames() },
  );
  return { exitCode, changes: engine.changes, ...output };
}

test('any command line ends with an exit code and, where it failed, a message and no change', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 9 }), async (argv) => {
      const { exitCode, changes, stderr } = await run(argv, '');
      assert.ok([0, 1, 2, 255].includes(exitCode), `exit ${exitCode}`);
      assert.equal(stderr === '', exitCode === 0);
      if (exitCode !== 0) assert.equal(changes, 0);
    }),
    { numRuns: 3000 },
  );
});

test('any input of -R ends with an exit code', async () => {
  const line = fc.array(word, { maxLength: 8 }).map((words) => words.join(' '));
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 8 }), async (lines) => {
      const { exitCode, stderr } = await run(['-R'], lines.join('\n'));
      assert.ok([0, 1, 2, 255].includes(exitCode), `exit ${exitCode}`);
      if (exitCode !== 0) assert.notEqual(stderr, '');
    }),
    { numRuns: 1000 },
  );
});
