import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DrainRequest } from '../../src/api/operated-director.ts';
import { type DirectorState, NO_STATE } from '../../src/director/director-state.ts';
import { MemoryEngine } from '../../src/engines/memory/memory-engine.ts';
import { sampleServiceMonitoring } from '../../src/health/testing/sample-monitoring.ts';
import { type Service, serviceKey } from '../../src/model/service.ts';
import { DEFAULT_TIMEOUTS } from '../../src/model/table.ts';
import type { Weight } from '../../src/model/unit.ts';
import { WatchedDirector } from '../director/watched-director.ts';
import { destinationOn, ip, serviceOn, settings } from '../engine/sample-table.ts';
import { sourceFiles } from '../project/source-file.ts';

const HOUR = 3_600_000;
const SECOND = 1000;
const WEB = serviceOn('192.0.2.10');

/** A table whose destinations always have a connection, so that only a deadline ends a drain. */
class BusyEngine extends MemoryEngine {
  override service: MemoryEngine['service'] = async (id) => {
    const found = await super.service(id);
    const busy = { activeConnections: 1 };
    return found && { ...found, destinations: found.destinations.map((each) => ({ ...each, ...busy })) };
  };
}

class Remembered {
  state: DirectorState = NO_STATE;
  read = (): DirectorState => this.state;
  write(state: DirectorState): void {
    this.state = state;
  }
}

function startOn(engine: MemoryEngine, state = new Remembered()): Promise<WatchedDirector> {
  const web: Service = {
    id: WEB,
    ...settings(),
    destinations: [destinationOn('10.0.0.1'), destinationOn('10.0.0.2', { weight: 9 as Weight })],
  };
  const monitoring = new Map([[serviceKey(WEB), sampleServiceMonitoring(web)]]);
  const table = { services: [web], timeouts: DEFAULT_TIMEOUTS };
  return WatchedDirector.start(engine, { table, monitoring }, state);
}

/** Of one destination, within a minute. */
function drainThen(then: DrainRequest['then']): DrainRequest {
  return { address: ip('10.0.0.2'), deadline: 60, then };
}

/** All that a director does within some minutes in which servers fail and recover, one is drained and the file is read again. */
async function story(jump: (second: number) => number): Promise<readonly string[]> {
  const bench = await startOn(new BusyEngine());
  const told: string[] = [];
  for (let second = 0; second < 180; second++) {
    bench.jump += jump(second);
    if (second === 30) bench.script('10.0.0.1:80');
    if (second === 90) bench.script();
    if (second === 100) await bench.director.drain(drainThen('remove'));
    if (second === 120) await bench.director.reload();
    await bench.pass(SECOND);
    await bench.director.checkDrift();
    const drains = (await bench.director.drains()).map(({ state }) => state);
    told.push(
      [
        second,
        ...(await bench.weights(WEB)),
        ...drains,
        bench.checker.attempts.length,
        ...bench.log.take(),
      ].join(' | '),
    );
  }
  await bench.close();
  return told;
}

describe('the wall clock is set', () => {
  const jumps: Readonly<Record<string, (second: number) => number>> = {
    'hours forward': (second) => (second === 45 || second === 110 ? 5 * HOUR : 0),
    'hours back': (second) => (second === 45 || second === 110 ? -5 * HOUR : 0),
    'to and fro with every second': (second) => (second % 2 === 0 ? HOUR : -HOUR),
  };
  for (const [name, jump] of Object.entries(jumps)) {
    test(`${name}: checks, drains and drift go on as if it had not been`, async () => {
      assert.deepEqual(await story(jump), await story(() => 0));
    });
  }

  test('the story has what it is to have', async () => {
    const told = (await story(() => 0)).join('\n');
    for (const part of [
      /10\.0\.0\.1:80 is down/,
      /10\.0\.0\.1:80 is up/,
      /draining/,
      /expired/,
      /reloaded/,
    ]) {
      assert.match(told, part);
    }
  });

  test('back while no director runs: a drain has at most as long as it had at its start', async () => {
    const [engine, state] = [new BusyEngine(), new Remembered()];
    const first = await startOn(engine, state);
    await first.director.drain(drainThen('leave'));
    const second = new WatchedDirector(engine, first.configured, state);
    second.jump = -5 * HOUR;
    await second.director.start(second.configured.table, { monitoring: second.configured.monitoring });
    const states = async () => (await second.director.drains()).map((drain) => drain.state);
    await second.pass(58 * SECOND);
    assert.deepEqual(await states(), ['draining']);
    await second.pass(4 * SECOND);
    assert.deepEqual(await states(), ['expired']);
    await second.close();
    await first.close();
  });
});

/** Where the time of day is asked for: to show it, or to hand it to what shows it. */
const SHOWN = /^src\/(?:commands|system\/fake-notify-socket)/;
const HANDED_ON = /wallClock(?: = |: )Date\.now\b/g;

test('nothing but what is shown to people goes by the wall clock', () => {
  const files = sourceFiles('src').filter(({ isTest, path }) => !isTest && !SHOWN.test(path));
  assert.ok(files.length > 100);
  const asking = files.filter(({ text }) => /Date\.now\b|new Date\(\)/.test(text.replace(HANDED_ON, '')));
  assert.deepEqual(
    asking.map(({ path }) => path),
    [],
  );
});
