import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { DirectorClient } from '../../src/api/client.ts';
import { TestDirectory, ViprProcess } from '../../src/commands/vipr-process.ts';
import { ended } from '../netns/fixture/process-end.ts';
import { until } from './fixture/until.ts';

/** Ignores SIGTERM, as its children do, and never ends; tells who they are. */
const SCRIPT = `#!/bin/sh
trap '' TERM
sleep 1000 & echo $! >> "$1"
(sleep 1000 & echo $! >> "$1"; while :; do sleep 1000; done) & echo $! >> "$1"
echo $$ >> "$1"
echo 'waits for ever' >&2
while :; do sleep 1000; done
`;

/** A director with a check that hangs beside one that reads a file. */
class Bench implements AsyncDisposable {
  readonly directory = new TestDirectory();
  readonly #pids = join(this.directory.path, 'pids');
  readonly #answer = this.directory.write('answer', '0');
  readonly client = new DirectorClient(this.directory.socket);
  readonly vipr: ViprProcess;

  constructor(timing: string) {
    const script = this.directory.write('check', SCRIPT);
    chmodSync(script, 0o755);
    const config = this.directory.write(
      'vipr.yaml',
      `services:
  - service: tcp 192.0.2.10:80
    destinations:
      - address: 10.0.0.1:80
        checks: [{ type: misc, command: [${script}, ${this.#pids}], warmup: 0s, ${timing} }]
      - address: 10.0.0.2:80
        checks: [{ type: file, path: ${this.#answer}, interval: 50ms, warmup: 0s }]
`,
    );
    this.vipr = new ViprProcess([
      ...['up', '--engine', 'memory', '--config', config],
      ...['--socket', this.directory.socket, '--drain', '0'],
    ]);
  }

  answer(text: string): void {
    writeFileSync(this.#answer, text);
  }

  /** Of all that the script has started so far, and itself. */
  get pids(): readonly number[] {
    if (!existsSync(this.#pids)) return [];
    return readFileSync(this.#pids, 'utf8').trim().split('\n').map(Number);
  }

  /** Reads them until the first run is there whole. */
  started(): Promise<void> {
    return until(
      () => this.pids.length >= 4,
      () => `the script did not start: ${this.vipr.stderr}`,
    );
  }

  /** Of the destination whose check hangs, and of the other one. */
  async states(): Promise<string> {
    const [service] = await this.client.health();
    const destinations = service?.destinations ?? [];
    const stateOf = (name: string) => destinations.find((each) => each.destination === name)?.state;
    return ['10.0.0.1:80', '10.0.0.2:80'].map(stateOf).join(' ');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
    await this.vipr[Symbol.asyncDispose]();
    for (const pid of this.pids) kill(pid);
    this.directory[Symbol.dispose]();
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended, as it should.
  }
}

describe('a checker script that hangs', () => {
  test('fails its own check, is ended with its children, and the other checks go on', async () => {
    await using bench = new Bench('interval: 10s, timeout: 300ms');
    const { vipr } = bench;
    await vipr.logs('control socket');
    await bench.started();
    await vipr.logs('not done in its time');
    assert.match(vipr.stderr, /not done in its time: waits for ever/);
    await ended(bench.pids);
    const told = () => vipr.stderr;
    await until(async () => (await bench.states()) === 'down up', told);
    bench.answer('none');
    await until(async () => (await bench.states()) === 'down down', told);
    bench.answer('0');
    await until(async () => (await bench.states()) === 'down up', told);
  });

  test('does not keep the others waiting while it runs', async () => {
    await using bench = new Bench('interval: 1h, timeout: 1h');
    await bench.vipr.logs('control socket');
    await bench.started();
    bench.answer('none');
    await until(
      async () => (await bench.states()) === 'up down',
      () => bench.vipr.stderr,
    );
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`${signal} to the director ends it and leaves nothing of it`, async () => {
      await using bench = new Bench('interval: 1h, timeout: 1h');
      await bench.vipr.logs('control socket');
      await bench.started();
      bench.vipr.signal(signal);
      assert.deepEqual(await bench.vipr.ended, { code: 0, signal: null });
      await ended(bench.pids);
    });
  }

  test('a second signal leaves nothing of it either', async () => {
    await using bench = new Bench('interval: 1h, timeout: 1h');
    await bench.vipr.logs('control socket');
    await bench.started();
    bench.vipr.signal('SIGTERM');
    await bench.vipr.logs('a second signal ends them at once');
    bench.vipr.signal('SIGTERM');
    assert.deepEqual(await bench.vipr.ended, { code: 0, signal: null });
    await ended(bench.pids);
  });

  test('a reload without its check ends it', async () => {
    await using bench = new Bench('interval: 1h, timeout: 1h');
    await bench.vipr.logs('control socket');
    await bench.started();
    bench.directory.write('vipr.yaml', 'services: [{ service: "tcp 192.0.2.10:80" }]\n');
    await bench.client.reload();
    await ended(bench.pids);
  });
});
