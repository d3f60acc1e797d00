import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ScriptCommand } from '../model/script-command.ts';
import type { Milliseconds } from '../model/unit.ts';
import type { Verdict } from './checker.ts';
import { miscChecker } from './misc-checker.ts';
import { sampleAttempt } from './testing/sample-attempt.ts';

describe('miscChecker', () => {
  const CASES: [string, boolean, Verdict][] = [
    ['exit 0', false, { good: true, detail: 'exited with 0' }],
    ['exit 1', false, { good: false, detail: 'exited with 1' }],
    ['exit 2', false, { good: false, detail: 'exited with 2' }],
    ['exit 0', true, { good: true, detail: 'exited with 0' }],
    ['exit 1', true, { good: false, detail: 'exited with 1' }],
    ['exit 2', true, { good: true, detail: 'exited with 2', weight: { set: 0 } }],
    ['exit 255', true, { good: true, detail: 'exited with 255', weight: { set: 253 } }],
    ['echo disk is full >&2; exit 1', false, { good: false, detail: 'exited with 1: disk is full' }],
    ['kill -9 $$', true, { good: false, detail: 'ended by SIGKILL' }],
  ];
  for (const [text, dynamic, verdict] of CASES) {
    it(`judges "${text}"${dynamic ? ', dynamic' : ''}`, async () => {
      assert.deepEqual(await check({ argv: ['sh', '-c', text] }, dynamic), verdict);
    });
  }

  it('is bad where the script cannot be started', async () => {
    assert.deepEqual(await check({ argv: ['/no/such/script'] }), {
      good: false,
      detail: 'not started: no such file: /no/such/script',
    });
  });

  it('is bad at the time limit of the script', async () => {
    assert.deepEqual(await check({ argv: ['sleep', '1000'], timeout: 20 as Milliseconds }), {
      good: false,
      detail: 'not done in its time',
    });
  });

  it('is bad at the time limit of the attempt', async () => {
    const attempt = sampleAttempt(probe({ argv: ['sleep', '1000'] }), { signal: AbortSignal.timeout(100) });
    assert.deepEqual(await miscChecker.check(attempt), { good: false, detail: 'not done in its time' });
  });

  it('is described by its command', () => {
    const attempt = sampleAttempt(probe({ argv: ['/etc/vipr/check', '--fast', '10.0.0.11'] }));
    assert.equal(miscChecker.describe(attempt), '/etc/vipr/check --fast 10.0.0.11');
  });
});

function probe(command: ScriptCommand, dynamic = false) {
  return { kind: 'misc', command, dynamic } as const;
}

function check(command: ScriptCommand, dynamic = false): Promise<Verdict> {
  return miscChecker.check(sampleAttempt(probe(command, dynamic)));
}
