import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { DirectorClient } from '../../src/api/client.ts';
import { TestDirectory } from '../../src/commands/vipr-process.ts';
import type { Operation } from '../../src/model/operation.ts';
import { makeFifo } from '../../src/system/make-fifo.ts';
import { serviceOn, settings } from '../engine/sample-table.ts';
import { CHECKOUT } from '../project/source-file.ts';
import { until } from './fixture/until.ts';

const MAIN = join(CHECKOUT, 'src/commands/main.ts');
/** Changes whose lines are more than the log keeps and the pipe holds, in operations of one call each that is told in full. */
const CALLS = 150;
const OPERATIONS = 100;

/** A director whose standard error is one end of a pipe, or of a pair of sockets; the test has the other. */
class Bench implements AsyncDisposable {
  readonly directory = new TestDirectory();
  readonly client = new DirectorClient(this.directory.socket);
  readonly ended: Promise<readonly [number | null, NodeJS.Signals | null]>;
  readonly #child: ChildProcess;
  readonly #close: () => void;

  private constructor(stderr: number | 'pipe', close: () => void) {
    const args = ['up', '--engine', 'memory', '--socket', this.directory.socket, '--drain', '0'];
    this.#child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'ignore', stderr] });
    this.ended = new Promise((resolve) => {
      this.#child.on('exit', (code, signal) => resolve([code, signal]));
    });
    this.#close = close;
  }

  /** Its pipe, or its socket, is read only where the test reads it. */
  static async start(kind: 'pipe' | 'socket'): Promise<Bench & { readonly reader: Reader }> {
    if (kind === 'socket') {
      const bench = new Bench('pipe', () => undefined);
      const { stderr } = bench.#child;
      assert.ok(stderr);
      // Nothing listens: what comes stays in the socket, but for what Node.js reads ahead.
      stderr.pause();
      return Object.assign(bench, { reader: { close: () => void stderr.destroy(), read: () => '' } });
    }
    const pipes = new TestDirectory();
    const path = join(pipes.path, 'log');
    makeFifo(path, 0o600);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(path, constants.O_WRONLY);
    let open = true;
    const close = () => {
      if (open) closeSync(reader);
      open = false;
    };
    const bench = new Bench(writer, () => {
      close();
      pipes[Symbol.dispose]();
    });
    closeSync(writer);
    return Object.assign(bench, { reader: { close, read: () => readAll(reader) } });
  }

  get isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** The control socket answers. */
  async serves(): Promise<void> {
    const answers = () =>
      this.client.info().then(
        () => true,
        () => false,
      );
    await until(
      async () => this.isOver || (await answers()),
      () => 'no answer',
    );
    assert.ok(!this.isOver, `ended with ${this.#child.exitCode ?? this.#child.signalCode}`);
  }

  /** Has the director log a lot. */
  async change(): Promise<void> {
    for (let call = 0; call < CALLS; call++) {
      const operations = [...Array(OPERATIONS).keys()].map((port): Operation => {
        const service = serviceOn(`192.0.2.${1 + (call >> 1)}`, 1000 + port);
        return call % 2 === 0
          ? { kind: 'add-service', service, settings: settings() }
          : { kind: 'delete-service', service };
      });
      assert.deepEqual(new Set(await this.client.execute(operations)), new Set([undefined]));
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
    if (!this.isOver) this.signal('SIGKILL');
    await this.ended;
    this.#close();
    this.directory[Symbol.dispose]();
  }
}

interface Reader {
  close(): void;
  /** What is in the pipe now. */
  read(): string;
}

function readAll(fd: number): string {
  const bytes = Buffer.alloc(1 << 20);
  let text = '';
  for (;;) {
    try {
      const count = readSync(fd, bytes);
      if (count === 0) return text;
      text += bytes.toString('utf8', 0, count);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return text;
      throw error;
    }
  }
}

for (const kind of ['pipe', 'socket'] as const) {
  describe(`standard error is a ${kind}`, () => {
    test('whose reader leaves: the director serves, and ends with 0', async () => {
      await using bench = await Bench.start(kind);
      await bench.serves();
      bench.reader.close();
      await bench.change();
      await bench.serves();
      bench.signal('SIGTERM');
      assert.deepEqual(await bench.ended, [0, null]);
    });

    test('that is full and not read: the director serves, and ends with 0', async () => {
      await using bench = await Bench.start(kind);
      await bench.serves();
      await bench.change();
      await bench.serves();
      bench.signal('SIGTERM');
      assert.deepEqual(await bench.ended, [0, null]);
    });
  });
}

test('what did not fit into a full pipe is counted, and all else comes in order', async () => {
  await using bench = await Bench.start('pipe');
  await bench.serves();
  await bench.change();
  let text = '';
  await until(
    () => {
      text += bench.reader.read();
      return text.includes('lines of the log that could not be written: ');
    },
    () => text.slice(-1000),
  );
  const lines = text
    .trim()
    .split('\n')
    .map((line): { msg: string } => JSON.parse(line));
  const changes = lines.filter(({ msg }) => /^(?:added|removed|add-service|delete-service) /.test(msg));
  const lost = Number(/written: (\d+)/.exec(text)?.[1]);
  assert.equal(changes.length + lost, CALLS * OPERATIONS);
});
