import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DirectorClient } from '../../src/api/client.ts';
import { encodeWanted } from '../../src/api/codec.ts';
import { TestDirectory, ViprProcess } from '../../src/commands/vipr-process.ts';
import { SeededRandom } from '../random/seeded-random.ts';
import { timesOf } from './fixture/extent.ts';
import { differences, tableOf, tableText } from './fixture/killed-tables.ts';
import { until } from './fixture/until.ts';

const SEED = Number(process.env.VIPR_SEED ?? Math.floor(Math.random() * 2 ** 31));
const CUTS = 100;
const KILLS = timesOf({ part: 10, whole: 100 });

/** A director that has one table after the other, from a client that does not live to hear of it. */
class Bench implements AsyncDisposable {
  readonly directory = new TestDirectory();
  readonly client = new DirectorClient(this.directory.socket);
  readonly #vipr: ViprProcess;

  private constructor() {
    const config = this.directory.write('vipr.yaml', tableText(1));
    const words = ['up', '--engine', 'memory', '--config', config, '--socket', this.directory.socket];
    this.#vipr = new ViprProcess(words);
  }

  static async start(): Promise<Bench> {
    const bench = new Bench();
    await bench.#vipr.logs('control socket');
    return bench;
  }

  /** Which of the tables it is that may have been applied, the latest first; fails where it stays none of them. */
  async numberOf(possible: readonly number[], what: string): Promise<number> {
    let found: number | undefined;
    await until(
      async () => {
        // One of them may be applied just now: who looks at a table is not kept waiting for that.
        const live = await this.client.snapshot();
        found = possible.toReversed().find((number) => differences(live, number) === 0);
        return found !== undefined;
      },
      () => `${what}: the table is none of ${possible.join(', ')}`,
    );
    return found ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
    await this.#vipr[Symbol.asyncDispose]();
    this.directory[Symbol.dispose]();
  }
}

describe(`a client that is killed (VIPR_SEED=${SEED})`, () => {
  test(`whose request ends anywhere, ${CUTS} times: the table is the old one or the new one`, async () => {
    await using bench = await Bench.start();
    const random = new SeededRandom(SEED);
    const possible = [1];
    const seen = new Set<number>();
    for (let count = 0; count < CUTS; count++) {
      const next = count + 2;
      const request = requestOf(next);
      // Now and then all of it goes out, and nobody waits for the answer.
      const length = random.chance(0.3) ? request.length : random.integer(1, request.length - 1);
      await sendAndLeave(bench.directory.socket, request.subarray(0, length));
      // Part of a request changes nothing; what was sent whole may be carried out when its sender is long gone.
      if (length === request.length) possible.push(next);
      seen.add(await bench.numberOf(possible, `${length} of ${request.length} bytes`));
    }
    assert.ok(seen.size > 1, 'some of them are carried out');
  });

  test(`vipr apply, ${KILLS} times by SIGKILL: the table is the old one or the new one`, async () => {
    await using bench = await Bench.start();
    const random = new SeededRandom(SEED);
    const possible = [1];
    const whole = await timeOfApply(bench);
    for (let count = 0; count < KILLS; count++) {
      const next = count + 2;
      const file = bench.directory.write('next.yaml', tableText(next));
      const apply = new ViprProcess(['apply', file, '--socket', bench.directory.socket]);
      await sleep(whole * (0.6 + 0.5 * random.next()));
      apply.signal('SIGKILL');
      await apply.ended;
      possible.push(next);
      await bench.numberOf(possible, `kill ${count}`);
    }
  });
});

function requestOf(number: number): Buffer {
  const body = JSON.stringify(encodeWanted({ ...tableOf(number), prune: false }));
  const head = [
    'POST /v1/apply HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** As the kernel does it for a process that ends: what was sent arrives, and then the end. */
async function sendAndLeave(path: string, bytes: Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const socket = connect(path);
    socket.once('error', reject);
    socket.write(bytes, () => {
      socket.destroy();
      resolve();
    });
  });
}

/** Milliseconds of a `vipr apply` that changes nothing. */
async function timeOfApply(bench: Bench): Promise<number> {
  const file = bench.directory.write('next.yaml', tableText(1));
  const begun = performance.now();
  await using apply = new ViprProcess(['apply', file, '--socket', bench.directory.socket]);
  assert.deepEqual(await apply.ended, { code: 0, signal: null });
  return performance.now() - begun;
}
