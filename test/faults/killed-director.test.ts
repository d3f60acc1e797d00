import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DirectorClient } from '../../src/api/client.ts';
import type { Table } from '../../src/model/table.ts';
import { Lab } from '../netns/lab/lab.ts';
import { labUnavailable } from '../netns/lab/lab-unavailable.ts';
import type { Program } from '../netns/lab/program.ts';
import { CHECKOUT } from '../project/source-file.ts';
import { SeededRandom } from '../random/seeded-random.ts';
import { timesOf } from './fixture/extent.ts';
import { differences, NOTHING, strangers, tableOf, tableText } from './fixture/killed-tables.ts';
import { until } from './fixture/until.ts';

const TIMES = timesOf({ part: 6, whole: 102 });
const SEED = Number(process.env.VIPR_SEED ?? Math.floor(Math.random() * 2 ** 31));
const WAYS = ['apply', 'reload', 'start'] as const;

/** Directors with the eBPF engine in a namespace, one after the other, on the same maps. */
class Directors implements AsyncDisposable {
  readonly #lab: Lab;
  readonly #config: string;

  private constructor(lab: Lab) {
    this.#lab = lab;
    this.#config = join(lab.directory, 'vipr.yaml');
  }

  static async open(): Promise<Directors> {
    return new Directors(await Lab.open({ servers: 1 }));
  }

  /** Gives the file another table. */
  configure(number: number): void {
    writeFileSync(this.#config, tableText(number));
  }

  start(socket = 'vipr.sock', config = this.#config): Program {
    const words = ['up', '--engine', 'ebpf', '--attach', 'tc', '--config', config];
    return this.#lab.director.start([process.execPath, join(CHECKOUT, 'src/commands/main.ts'), ...words], {
      environment: {
        VIPR_SOCKET: join(this.#lab.directory, socket),
        VIPR_BPF_DIR: join(this.#lab.bpfFileSystem, 'vipr'),
      },
    });
  }

  async up(socket?: string, config?: string): Promise<Program> {
    const program = this.start(socket, config);
    await until(
      () => program.isOver || program.stderr.includes('control socket'),
      () => program.stderr,
    );
    assert.ok(!program.isOver, program.stderr);
    return program;
  }

  async with<T>(work: (client: DirectorClient) => Promise<T>, socket = 'vipr.sock'): Promise<T> {
    const client = new DirectorClient(join(this.#lab.directory, socket));
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  }

  table(): Promise<Table> {
    return this.with((client) => client.snapshot());
  }

  /** What the maps hold while no director runs: one that remembers nothing and owns nothing reads it, and changes nothing. */
  async leftBehind(): Promise<Table> {
    const config = join(this.#lab.directory, 'nothing.yaml');
    writeFileSync(config, NOTHING);
    const reader = await this.up('reader.sock', config);
    const table = await this.with((client) => client.snapshot(), 'reader.sock');
    await kill(reader);
    return table;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lab.close();
  }
}

async function kill(program: Program): Promise<void> {
  program.kill();
  await program.ended;
}

const skip = labUnavailable() ?? false;

describe('SIGKILL of a director on ebpf', { skip, timeout: 1_800_000 }, () => {
  test(`${TIMES} times while a table is applied: the next one makes of it the new table, or the old one (VIPR_SEED=${SEED})`, async (t) => {
    const random = new SeededRandom(SEED);
    await using directors = await Directors.open();
    let old = 1;
    directors.configure(old);
    let director = await directors.up();
    const [applying, starting] = [
      await timeOfApply(directors, 2, old),
      await timeOfStart(directors, director),
    ];
    director = await directors.up();
    const found = { old: 0, new: 0, between: 0 };

    for (let count = 0; count < TIMES; count++) {
      const way = WAYS[count % WAYS.length] ?? 'apply';
      const next = old + 1;
      let over = Promise.resolve<unknown>(undefined);
      if (way === 'start') {
        await kill(director);
        directors.configure(next);
        director = directors.start();
        // Almost all of a start is before its first change.
        await sleep(starting * (0.4 + 0.6 * random.next()));
      } else {
        if (way === 'reload') directors.configure(next);
        over = directors
          .with((client): Promise<unknown> => {
            return way === 'reload' ? client.reload() : client.apply({ ...tableOf(next), prune: false });
          })
          .catch(() => undefined);
        await sleep(0.5 * applying * random.next());
      }
      await kill(director);
      await over;

      const what = `${count}: ${way}, from ${old} to ${next}`;
      const left = await directors.leftBehind();
      assert.deepEqual(strangers(left, old, next), [], what);
      if (differences(left, old) === 0) found.old += 1;
      else if (differences(left, next) === 0) found.new += 1;
      else found.between += 1;

      const wanted = random.chance(0.5) ? old : next;
      directors.configure(wanted);
      director = await directors.up();
      const live = await directors.table();
      assert.equal(differences(live, wanted), 0, `${what}, then ${wanted}`);
      assert.equal(live.services.length, tableOf(wanted).services.length, what);
      // Numbers do not come again.
      old = wanted === next ? next : await renamed(directors, next + 1);
    }
    t.diagnostic(`found old ${found.old}, new ${found.new}, in between ${found.between}`);
    await kill(director);
  });
});

/** Applies another table, so that the next one has a number that was not there; returns its number. */
async function renamed(directors: Directors, number: number): Promise<number> {
  directors.configure(number);
  await directors.with((client) => client.reload());
  return number;
}

/** Milliseconds, of applying a table and the one before it again. */
async function timeOfApply(directors: Directors, one: number, other: number): Promise<number> {
  return directors.with(async (client) => {
    const begun = performance.now();
    for (const number of [one, other]) await client.apply({ ...tableOf(number), prune: false });
    return (performance.now() - begun) / 2;
  });
}

/** Milliseconds of a start that changes nothing; no director runs afterwards. */
async function timeOfStart(directors: Directors, running: Program): Promise<number> {
  await kill(running);
  const begun = performance.now();
  const started = await directors.up();
  const time = performance.now() - begun;
  await kill(started);
  return time;
}
