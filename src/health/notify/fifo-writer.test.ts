import assert from 'node:assert/strict';
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { makeFifo } from '../../system/make-fifo.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { FifoWriter } from './fifo-writer.ts';

let folder: string;
let path: string;
let clock: VirtualClock;
let problems: string[];
let writer: FifoWriter;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vipr-fifo-'));
  path = join(folder, 'fifo');
  clock = new VirtualClock();
  problems = [];
  writer = new FifoWriter(path, clock, (text) => problems.push(text.replaceAll(folder, '')));
});

afterEach(() => {
  writer.close();
  rmSync(folder, { recursive: true });
});

/** What is in the pipe, as a reader that comes now finds it. */
function readAll(): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const buffer = Buffer.alloc(1 << 20);
  let length = 0;
  try {
    for (let read = -1; read !== 0; length += read)
      read = readSync(fd, buffer, length, buffer.length - length, null);
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN');
  } finally {
    closeSync(fd);
  }
  return buffer.toString('utf8', 0, length);
}

describe('a writer into a named pipe', () => {
  it('makes the pipe, for nobody else to read', () => {
    writer.open();
    const made = statSync(path);
    assert.ok(made.isFIFO());
    assert.equal(made.mode & 0o777, 0o600);
  });

  it('takes one that is there as it is', () => {
    makeFifo(path, 0o640);
    writer.open();
    writer.write('one\n');
    assert.equal(statSync(path).mode & 0o777, 0o640);
    assert.equal(readAll(), 'one\n');
  });

  it('keeps lines in order until somebody reads, also those from before it was opened', () => {
    writer.write('one\n');
    writer.open();
    writer.write('two\n');
    assert.equal(readAll(), 'one\ntwo\n');
    writer.write('three\n');
    assert.equal(readAll(), 'three\n');
    assert.deepEqual(problems, []);
  });

  it('does not block or fail when nobody reads for long, and goes on in order', async () => {
    writer.open();
    const lines = Array.from({ length: 3000 }, (_, number) => `${String(number).padStart(99, '0')}\n`);
    for (const line of lines) writer.write(line);
    assert.ok(writer.waiting > 0);
    let read = '';
    while (writer.waiting > 0) {
      read += readAll();
      await clock.advance(5000);
    }
    assert.equal(read + readAll(), lines.join(''));
    assert.deepEqual(problems, []);
  });

  it('loses the oldest lines that wait when there are too many, and says so', async () => {
    writer.open();
    const lines = Array.from({ length: 12_000 }, (_, number) => `${String(number).padStart(99, '0')}\n`);
    for (const line of lines) writer.write(line);
    assert.equal(writer.waiting, 10_000);
    assert.deepEqual(problems, ['/fifo: nobody reads it; the oldest lines are lost from now on']);
    let read = '';
    while (writer.waiting > 0) {
      read += readAll();
      await clock.advance(5000);
    }
    read += readAll();
    const numbers = read.trimEnd().split('\n').map(Number);
    assert.equal(numbers.at(-1), 11_999);
    assert.ok(numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0)));
    assert.equal(problems.at(-1), `/fifo: ${12_000 - numbers.length} lines were lost`);
  });

  it('survives readers that go', () => {
    writer.open();
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    closeSync(fd);
    writer.write('one\n');
    assert.equal(readAll(), 'one\n');
    assert.deepEqual(problems, []);
  });

  it('makes the pipe anew when somebody removes it', () => {
    writer.open();
    rmSync(path);
    writer.write('one\n');
    assert.equal(readAll(), 'one\n');
    rmSync(path);
    makeFifo(path, 0o600);
    writer.write('two\n');
    assert.equal(readAll(), 'two\n');
  });

  it('refuses a regular file, tells it once, and goes on when it is gone', async () => {
    writeFileSync(path, 'precious');
    writer.open();
    writer.write('one\n');
    writer.write('two\n');
    await clock.advance(60_000);
    assert.equal(readFileSync(path, 'utf8'), 'precious');
    assert.deepEqual(problems, ['/fifo is no named pipe; name another path, or remove what is there']);
    rmSync(path);
    await clock.advance(5000);
    assert.equal(readAll(), 'one\ntwo\n');
  });

  it('says why it cannot make the pipe', () => {
    const lost = new FifoWriter(join(folder, 'no', 'fifo'), clock, (text) => problems.push(text));
    lost.open();
    lost.write('one\n');
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /cannot be opened: SystemCallError: mkfifo: no such file or directory/);
    lost.close();
    assert.match(problems[1] ?? '', /: 1 lines were lost$/);
    assert.equal(clock.waiting, 0);
  });
});
