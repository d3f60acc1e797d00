import assert from 'node:assert/strict';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeFifo } from '../system/make-fifo.ts';
import { LogOutput } from './log-output.ts';

const LINE = `${'x'.repeat(999)}\n`;

/** A named pipe with its two ends. */
function bench(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const directory = mkdtempSync(join(tmpdir(), 'vipr-log-'));
  const path = join(directory, 'log');
  makeFifo(path, 0o600);
  const openReader = () => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  let reader = openReader();
  const writer = openSync(path, constants.O_WRONLY);
  t.after(() => {
    closeSync(reader);
    closeSync(writer);
    rmSync(directory, { recursive: true });
  });
  const lost: number[] = [];
  const output = new LogOutput(writer, (lines) => lost.push(lines));
  return {
    output,
    lost,
    /** Reads what is in the pipe. */
    read(): string {
      const bytes = Buffer.alloc(1 << 20);
      try {
        return bytes.toString('utf8', 0, readSync(reader, bytes));
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN');
        return '';
      }
    },
    closeReader: () => closeSync(reader),
    openReader: () => {
      reader = openReader();
    },
  };
}

test('lines are there at once', (t) => {
  const { output, read, lost } = bench(t);
  output.write('one\n');
  output.write('two\n');
  assert.deepEqual([read(), lost], ['one\ntwo\n', []]);
});

test('a reader that does not read stops nobody: lines wait in order, and only whole ones are lost', (t) => {
  const { output, read, lost } = bench(t);
  const count = 3000;
  for (let number = 0; number < count; number++)
    output.write(`${number}${LINE.slice(String(number).length)}`);
  assert.deepEqual(lost, []);
  let text = '';
  for (let turn = 0; turn < 100; turn++) {
    text += read();
    t.mock.timers.tick(50);
  }
  const lines = text.split('\n');
  assert.equal(lines.pop(), '', 'the last one is whole');
  assert.ok(lines.length > 1000, 'as many as have room');
  assert.deepEqual(
    lines,
    [...lines.keys()].map((number) => `${number}${LINE.slice(String(number).length, -1)}`),
  );
  assert.deepEqual(lost, [count - lines.length]);
  output.write('again\n');
  assert.equal(read(), 'again\n');
});

test('what a reader that left does not get is counted, and told to the next one', (t) => {
  const { output, read, lost, closeReader, openReader } = bench(t);
  closeReader();
  output.write('one\n');
  output.write('two\n');
  assert.deepEqual(lost, []);
  openReader();
  output.write('three\n');
  assert.deepEqual([read(), lost], ['three\n', [2]]);
});

test('a line that was cut off by the end of its reader is ended before the next one', (t) => {
  const { output, read, lost, closeReader, openReader } = bench(t);
  const wide = `${'y'.repeat(100_000)}\n`;
  output.write(wide);
  closeReader();
  t.mock.timers.tick(50);
  openReader();
  assert.match(read(), /^y+$/);
  output.write('next\n');
  assert.deepEqual([read(), lost], ['\nnext\n', [1]]);
});

test('a full device loses lines, and ends nothing', (t) => {
  const fd = openSync('/dev/full', 'w');
  t.after(() => closeSync(fd));
  const lost: number[] = [];
  const output = new LogOutput(fd, (lines) => lost.push(lines));
  for (let count = 0; count < 10; count++) output.write('line\n');
  assert.deepEqual(lost, []);
});
