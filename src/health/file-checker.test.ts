import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Verdict } from './checker.ts';
import { fileChecker } from './file-checker.ts';
import { sampleAttempt } from './testing/sample-attempt.ts';

const folder = mkdtempSync(join(tmpdir(), 'vipr-file-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'load');

describe('fileChecker', () => {
  const CASES: [string, number, Verdict][] = [
    ['0\n', 0, { good: true, detail: '0' }],
    ['3\n', 0, { good: false, detail: '3, not 0' }],
    ['-1', 0, { good: false, detail: '-1, not 0' }],
    ['5 since noon', 2, { good: true, detail: '5', weight: { add: 10 } }],
    [' +7', -1, { good: true, detail: '7', weight: { add: -7 } }],
    ['0x10', 1, { good: true, detail: '16', weight: { add: 16 } }],
    ['010', 1, { good: true, detail: '8', weight: { add: 8 } }],
    ['-0', -3, { good: true, detail: '0', weight: { add: 0 } }],
    ['', 0, { good: true, detail: 'empty, which counts as 0' }],
    ['off', 0, { good: false, detail: 'no number: "off"' }],
    ['12.5', 1, { good: false, detail: 'no number: "12.5"' }],
    ['2147483648', 1, { good: false, detail: '2147483648 is not between -2147483648 and 2147483647' }],
  ];
  for (const [text, factor, verdict] of CASES) {
    it(`reads ${JSON.stringify(text)} with the factor ${factor}`, async () => {
      writeFileSync(path, text);
      assert.deepEqual(await check(path, factor), verdict);
    });
  }

  it('takes a missing file for 0', async () => {
    const none = join(folder, 'none');
    assert.deepEqual(await check(none, 0), { good: true, detail: 'missing, which counts as 0' });
  });

  it('takes what cannot be read for 0', async () => {
    assert.deepEqual(await check(folder, 5), {
      good: true,
      detail: 'cannot be read (EISDIR), which counts as 0',
      weight: { add: 0 },
    });
  });

  it('does not wait for who writes to a pipe', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    assert.equal((await check(pipe, 0)).good, true);
  });

  it('reads the beginning of what has no end', async () => {
    assert.equal((await check('/dev/zero', 0)).good, false);
  });

  it('is described by its path', () => {
    assert.equal(
      fileChecker.describe(sampleAttempt({ kind: 'file', path: '/run/load', factor: 1 })),
      '/run/load',
    );
  });
});

function check(file: string, factor: number): Promise<Verdict> {
  return fileChecker.check(sampleAttempt({ kind: 'file', path: file, factor }));
}
