import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { DestinationKey } from '../../model/destination.ts';
import type { HealthState } from '../../model/health.ts';
import type { ServiceKey } from '../../model/service.ts';
import { monotonicMilliseconds } from '../../system/clock.ts';
import type { HealthEvent } from '../health-event.ts';
import { runScript } from '../script/run-script.ts';
import { ScriptedRuns } from '../testing/scripted-runs.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { Notifier } from './notifier.ts';

const service = 'tcp 192.0.2.10:80' as ServiceKey;
const destination = '10.0.0.11:80' as DestinationKey;

function event(state: HealthState, script?: string): HealthEvent {
  const text = `it is ${state}`;
  return {
    kind: 'destination',
    service,
    destination,
    state,
    text,
    ...(script && { script: { argv: [script] } }),
  };
}

let folder: string;
let notifier: Notifier;
let problems: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vipr-notify-'));
  problems = [];
  const onProblem = ({ text }: { text: string }): unknown => problems.push(text);
  notifier = new Notifier({ runScript, onProblem, now: monotonicMilliseconds });
});

afterEach(async () => {
  await notifier.close();
  rmSync(folder, { recursive: true });
});

function program(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

async function until(path: string): Promise<void> {
  for (let waited = 0; !existsSync(path) && waited < 10_000; waited += 20) await delay(20);
  assert.ok(existsSync(path), `${path} does not appear: ${problems.join('; ')}`);
}

/** A program that reads a pipe into a file to its end; `ready` says when it has opened it. */
function reader(name: string): string {
  const file = join(folder, name);
  return program(`${name}-reader`, `exec 3< "$1"\n: > ${file}.ready\ncat <&3 > ${file}`);
}

describe('a notifier', () => {
  it('has what happened read by a program, in order, and lets it end', async () => {
    const path = join(folder, 'fifo');
    notifier.watch({ fifos: [{ path, reader: { argv: [reader('lines')] } }] });
    await until(join(folder, 'lines.ready'));
    const states = Array.from({ length: 50 }, (_, number) => (number % 2 === 0 ? 'down' : 'up'));
    for (const state of states) notifier.tell(event(state));
    await notifier.close();
    assert.deepEqual(
      readFileSync(join(folder, 'lines'), 'utf8'),
      states.map((state) => `RS [10.0.0.11]:tcp:80 [192.0.2.10]:tcp:80 ${state.toUpperCase()}\n`).join(''),
    );
    assert.deepEqual(problems, []);
  });

  it('keeps a reader that stays configured, and replaces another one', async () => {
    const path = join(folder, 'fifo');
    const first = { fifos: [{ path, reader: { argv: [reader('first')] } }] };
    notifier.watch(first);
    await until(join(folder, 'first.ready'));
    rmSync(join(folder, 'first.ready'));
    notifier.watch(structuredClone(first));
    notifier.watch({ fifos: [{ path, reader: { argv: [reader('second')] } }] });
    await until(join(folder, 'second.ready'));
    assert.ok(!existsSync(join(folder, 'first.ready')));
    notifier.tell(event('down'));
    await notifier.close();
    assert.match(readFileSync(join(folder, 'second'), 'utf8'), / DOWN\n$/);
  });

  it('writes lines of others into their pipes, and both into one that has one path', async () => {
    const shared = { path: join(folder, 'shared'), reader: { argv: [reader('both')] } };
    const others = { path: join(folder, 'others'), reader: { argv: [reader('other')] } };
    const health = { path: join(folder, 'health'), reader: { argv: [reader('own')] } };
    notifier.watch({ fifos: [health, { path: shared.path }] }, [others, shared]);
    for (const name of ['both', 'other', 'own']) await until(join(folder, `${name}.ready`));
    notifier.tell(event('down'));
    notifier.write('INSTANCE "VI_1" MASTER 100\n');
    await notifier.close();
    const read = (name: string) => readFileSync(join(folder, name), 'utf8');
    const [down, master] = [
      'RS [10.0.0.11]:tcp:80 [192.0.2.10]:tcp:80 DOWN\n',
      'INSTANCE "VI_1" MASTER 100\n',
    ];
    assert.deepEqual([read('own'), read('other'), read('both')], [down, master, `${down}${master}`]);
    assert.deepEqual(problems, []);
  });

  it('runs the scripts that events bring, to their end', async () => {
    const file = join(folder, 'told');
    const script = program('script', `sleep 0.1; echo "$VIPR_DESTINATION $VIPR_STATE" >> ${file}`);
    notifier.tell(event('down', script));
    notifier.tell(event('up', script));
    await notifier.close();
    assert.equal(readFileSync(file, 'utf8'), '10.0.0.11:80 down\n10.0.0.11:80 up\n');
    assert.deepEqual(problems, []);
  });

  it('ends scripts that hang some seconds after it was closed', async () => {
    const clock = new VirtualClock();
    const runs = new ScriptedRuns();
    const virtual = new Notifier({
      runScript: runs.runScript,
      onProblem: ({ text }) => problems.push(text),
      now: clock.now,
      timers: clock,
    });
    virtual.tell(event('down', 'hangs'));
    const closed = virtual.close();
    await clock.advance(9999);
    assert.equal(runs.running.size, 1);
    await clock.advance(1);
    await closed;
    assert.equal(runs.running.size, 0);
    assert.equal(clock.waiting, 0);
  });

  it('tells nothing any more when it is closed', async () => {
    await notifier.close();
    notifier.tell(event('down', program('script', `: > ${join(folder, 'told')}`)));
    await notifier.close();
    assert.ok(!existsSync(join(folder, 'told')));
  });
});
