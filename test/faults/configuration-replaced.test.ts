import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { DirectorClient } from '../../src/api/client.ts';
import { TestDirectory, ViprProcess } from '../../src/commands/vipr-process.ts';
import { ViprError } from '../../src/model/error.ts';
import type { Table } from '../../src/model/table.ts';
import { CHECKOUT } from '../project/source-file.ts';
import { type Notation, SERVICES, versionText } from './fixture/config-version.ts';

const RELOADS = 200;
const WRITER = join(CHECKOUT, 'test/faults/fixture/config-writer-process.ts');

/** A director whose configuration another process writes again and again. */
class Bench implements AsyncDisposable {
  readonly directory = new TestDirectory();
  readonly client = new DirectorClient(this.directory.socket);
  readonly vipr: ViprProcess;
  readonly #config: string;
  #writer: ChildProcess | undefined;

  constructor(notation: Notation) {
    this.#config = this.directory.write('vipr.yaml', versionText(1, notation));
    const words = ['up', '--engine', 'memory', '--config', this.#config, '--socket', this.directory.socket];
    this.vipr = new ViprProcess([...words, '--log-level', 'error']);
  }

  static async start(way: 'rename' | 'in-place', notation: Notation): Promise<Bench> {
    const bench = new Bench(notation);
    for (let attempt = 0; attempt < 1000; attempt++) {
      if (await bench.client.info().catch(() => undefined)) break;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    bench.#writer = spawn(process.execPath, [WRITER, bench.#config, way, notation], { stdio: 'inherit' });
    return bench;
  }

  /** The versions and the number of services that each reload ends with, and how many of them failed. */
  async reloads(check: (versions: ReadonlySet<number>, services: number) => void): Promise<number> {
    let failures = 0;
    let before = await this.client.snapshot();
    for (let count = 0; count < RELOADS; count++) {
      const error = await this.client.reload().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      const now = await this.client.snapshot();
      if (error === undefined) check(versionsOf(now), now.services.length);
      else {
        failures += 1;
        assert.ok(error instanceof ViprError, String(error));
        assert.equal(error.code, 'CONFIG_INVALID');
        assert.deepEqual(now, before, 'a reload that fails changes nothing');
      }
      before = now;
    }
    assert.equal(this.#writer?.exitCode, null, 'the configuration was written all the time');
    return failures;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const writer = this.#writer;
    if (writer !== undefined) {
      const ended = new Promise((resolve) => writer.once('exit', resolve));
      writer.kill('SIGKILL');
      await ended;
    }
    await this.client.close();
    await this.vipr[Symbol.asyncDispose]();
    this.directory[Symbol.dispose]();
  }
}

function versionsOf({ services }: Table): Set<number> {
  return new Set(services.flatMap(({ destinations }) => destinations.map(({ weight }) => Number(weight))));
}

describe(`${RELOADS} reloads while the configuration is being written`, () => {
  for (const notation of ['block', 'flow'] as const) {
    test(`renamed over, ${notation}: each applies one version whole`, async () => {
      await using bench = await Bench.start('rename', notation);
      const seen = new Set<number>();
      const failures = await bench.reloads((versions, services) => {
        assert.deepEqual([versions.size, services], [1, SERVICES]);
        for (const version of versions) seen.add(version);
      });
      assert.equal(failures, 0);
      assert.ok(seen.size > 10, `versions ${seen.size}`);
    });
  }

  test('in place, as one bracket that is closed at the end: each applies a version whole, or nothing', async () => {
    await using bench = await Bench.start('in-place', 'flow');
    const failures = await bench.reloads((versions, services) => {
      assert.deepEqual([versions.size, services], [1, SERVICES]);
    });
    assert.ok(failures > 0);
  });

  // A file whose end is missing can be as good a vipr.yaml as any: what is read is what is applied, but never nothing at all.
  test('in place, line by line: each applies what it read, or nothing, and never an empty table', async () => {
    await using bench = await Bench.start('in-place', 'block');
    const failures = await bench.reloads((versions, services) => {
      assert.ok(versions.size >= 1 && services >= 1 && services <= SERVICES);
    });
    assert.ok(failures > 0);
    assert.equal(bench.vipr.stderr.includes('Error:'), false, bench.vipr.stderr);
  });
});
