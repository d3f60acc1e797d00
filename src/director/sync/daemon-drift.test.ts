import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { serviceOn, settings } from '../../../test/engine/sample-table.ts';
import { runAs } from '../../api/request-actor.ts';
import type { DriftMode, SyncSettings } from '../../config/config.ts';
import { MemoryEngine } from '../../engines/memory/memory-engine.ts';
import { VirtualClock } from '../../health/testing/virtual-clock.ts';
import type { DaemonFailure } from '../../model/configured-sync.ts';
import type { Operation } from '../../model/operation.ts';
import type { Table } from '../../model/table.ts';
import type { Seconds } from '../../model/unit.ts';
import type { VrrpStateName } from '../../model/vrrp-status.ts';
import { Director } from '../director.ts';
import { RecordedLog } from '../recorded-log.ts';
import { DirectorSync } from './director-sync.ts';

const KEEP = 0 as Seconds;
const NOTHING: Table = { services: [], timeouts: { tcp: KEEP, tcpfin: KEEP, udp: KEEP } };
const OWNING: Table = {
  ...NOTHING,
  services: [{ id: serviceOn('192.0.2.10'), ...settings(), destinations: [] }],
};
const WALL = Date.UTC(2026, 0, 2);
const CONFIGURED: SyncSettings = { role: { follow: 'web' }, interface: 'eth1', syncId: 51 };
const NAME = 'the backup synchronisation daemon on eth1, ID 51';
const STOP: Operation = { kind: 'stop-daemon', role: 'backup' };
const OTHER: Operation = {
  kind: 'start-daemon',
  daemon: { role: 'backup', interface: 'eth0', syncId: 51 },
};
const EXTRA: Operation = { kind: 'start-daemon', daemon: { role: 'master', interface: 'eth0', syncId: 9 } };

let clock: VirtualClock;
let log: RecordedLog;
let interfaces: Set<string>;
let engine: MemoryEngine;
let director: Director;
let sync: DirectorSync;
let state: VrrpStateName;
let snapshots: number;

/** The engine counts reads of its table; with `reads` it tells of daemons without one, as IPVS does. */
async function run(drift: DriftMode, table: Table = NOTHING, reads?: () => void): Promise<void> {
  engine = new MemoryEngine({
    environment: {
      classify: () => 'unicast',
      interfaceMtu: (name) => (interfaces.has(name) ? 1500 : undefined),
    },
  });
  const snapshot = engine.snapshot.bind(engine);
  engine.snapshot = () => {
    snapshots += 1;
    return snapshot();
  };
  if (reads !== undefined) {
    Object.assign(engine, {
      daemons: async () => {
        reads();
        return (await snapshot()).daemons;
      },
    });
  }
  director = new Director(
    { engineReason: 'test', version: '1' },
    {
      engine,
      logger: log.logger,
      sync: {
        status: (running) => sync.status(running),
        noteByHand: (operation) => sync.noteByHand(operation),
        checkDrift: (mode, each, running) => sync.checkDrift(mode, each, running),
      },
    },
  );
  sync = new DirectorSync({
    logger: log.logger,
    director,
    vrrp: { stateOf: () => state, hold: () => {} },
    timers: clock,
    now: clock.now,
    wallClock: () => WALL + clock.now(),
  });
  sync.adopt({ sync: [CONFIGURED] });
  await director.start(table, { drift });
  await sync.begin();
  log.take();
  snapshots = 0;
}

async function daemons(): Promise<string> {
  const { daemons } = await engine.snapshot();
  return daemons.map(({ role, interface: device, syncId }) => `${role} ${device} ${syncId}`).join();
}

/** Why the daemon of the configuration does not run. */
async function failure(): Promise<DaemonFailure | undefined> {
  return director.configuredSync((await engine.snapshot()).daemons).configured[0]?.failure;
}

async function pass(milliseconds = 0): Promise<void> {
  for (let turns = 5; turns > 0; turns--) await turn();
  await clock.advance(milliseconds);
  for (let turns = 5; turns > 0; turns--) await turn();
}

function at(milliseconds: number): string {
  return new Date(WALL + milliseconds).toISOString();
}

function drifts(): string[] {
  return director
    .events(0)
    .filter(({ kind }) => kind === 'drift')
    .map(({ text }) => text);
}

beforeEach(() => {
  [clock, log, state, snapshots] = [new VirtualClock(), new RecordedLog(), 'initialize', 0];
  interfaces = new Set(['eth0', 'eth1']);
});

afterEach(async () => {
  await sync.stop(Promise.resolve());
  assert.equal(clock.waiting, 0);
});

describe('what other programs do to daemons of the configuration', () => {
  it('is told once, and again when it has come back; the daemon says why it does not run', async () => {
    await run('report');
    await director.checkDrift();
    assert.deepEqual(log.take(), []);
    await engine.execute([STOP]);
    const found = clock.now();
    await director.checkDrift();
    await pass(5000);
    await director.checkDrift();
    const told = `drift: another program stopped ${NAME}`;
    assert.deepEqual(log.take(), [`warn ${told}`]);
    assert.deepEqual(drifts(), [told]);
    assert.deepEqual(await failure(), { text: 'another program stopped it', since: at(found) });
    assert.equal(await daemons(), '');
    await engine.execute([
      { kind: 'start-daemon', daemon: { role: 'backup', interface: 'eth1', syncId: 51 } },
    ]);
    assert.equal(await failure(), undefined);
    await director.checkDrift();
    await engine.execute([STOP]);
    assert.equal(await failure(), undefined, 'not looked yet');
    await director.checkDrift();
    assert.deepEqual(log.take(), [`warn ${told}`]);
    state = 'backup';
    sync.reconsider();
    await pass();
    assert.equal(await daemons(), 'backup eth1 51', 'as before, when VRRP changes');
  });

  it('is another one in its place, and one that the configuration does not have', async () => {
    await run('report');
    await engine.execute([STOP, OTHER, EXTRA]);
    await director.checkDrift();
    assert.deepEqual(log.take(), [
      `warn drift: another program changed ${NAME}: interface eth1 -> eth0`,
      'warn drift: another program started the master synchronisation daemon on eth0, ID 9',
    ]);
    assert.equal((await failure())?.text, 'another program changed it: interface eth1 -> eth0');
    assert.equal(await daemons(), 'master eth0 9,backup eth0 51');
  });

  it('is undone with repair, and told', async () => {
    await run('repair');
    await engine.execute([STOP]);
    await director.checkDrift();
    assert.deepEqual(log.take(), [
      `warn drift: another program stopped ${NAME}`,
      `info drift repaired: started ${NAME}`,
    ]);
    assert.equal(await daemons(), 'backup eth1 51');
    assert.equal(drifts().length, 1);
    await director.checkDrift();
    await engine.execute([STOP, OTHER, EXTRA]);
    await director.checkDrift();
    assert.deepEqual(log.take().slice(2), [
      'info drift repaired: stopped the master synchronisation daemon on eth0, ID 9',
      'info drift repaired: stopped the backup synchronisation daemon on eth0, ID 51',
      `info drift repaired: started ${NAME}`,
    ]);
    assert.equal(await daemons(), 'backup eth1 51');
  });

  it('that cannot be undone is tried again as what cannot be started is, and not looked for meanwhile', async () => {
    await run('repair');
    await engine.execute([STOP]);
    interfaces.delete('eth1');
    await director.checkDrift();
    const [drift, error, ...more] = log.take();
    assert.equal(drift, `warn drift: another program stopped ${NAME}`);
    assert.match(error ?? '', /^error the backup .* cannot be started: .*eth1/);
    assert.deepEqual(more, []);
    assert.match((await failure())?.text ?? '', /eth1/);
    const before = snapshots;
    await director.checkDrift();
    assert.equal(snapshots, before);
    interfaces.add('eth1');
    await pass(5000);
    assert.deepEqual(log.take(), [`info started ${NAME}`]);
    await director.checkDrift();
    assert.deepEqual(log.take(), []);
  });

  it('is not looked for with ignore, before the director begins, while VRRP has changed, and when it ends', async () => {
    await run('ignore');
    await engine.execute([STOP]);
    await director.checkDrift();
    await run('report');
    await engine.execute([STOP]);
    state = 'master';
    const looked = director.checkDrift();
    sync.reconsider();
    await looked;
    await pass();
    assert.equal(await daemons(), 'master eth1 51');
    const gaveUp = Promise.withResolvers<void>();
    const stopped = sync.stop(gaveUp.promise);
    await pass();
    await engine.execute([{ kind: 'stop-daemon', role: 'master' }]);
    await director.checkDrift();
    gaveUp.resolve();
    await stopped;
    assert.deepEqual(drifts(), []);
    assert.doesNotMatch(log.take().join('\n'), /drift/);
  });

  it('is no drift where the configuration has no section', async () => {
    await run('repair');
    sync.adopt({});
    await pass();
    await engine.execute([EXTRA]);
    log.take();
    const before = snapshots;
    await director.checkDrift();
    assert.equal(snapshots, before);
    assert.deepEqual(log.take(), []);
    assert.equal(await daemons(), 'master eth0 9');
  });

  it('costs no second look at the table', async () => {
    await run('report', OWNING);
    await director.checkDrift();
    assert.equal(snapshots, 1);
    let reads = 0;
    await sync.stop(Promise.resolve());
    await run('report', NOTHING, () => (reads += 1));
    reads = 0;
    await director.checkDrift();
    assert.deepEqual([snapshots, reads], [0, 1]);
  });
});

describe('what operators do to daemons through the director', () => {
  for (const mode of ['report', 'repair'] as const) {
    it(`is no drift, and stays: ${mode}`, async () => {
      await run(mode);
      await runAs('pid 812 (ipvsadm), uid 0', () => director.execute([STOP]));
      log.take();
      const asked = clock.now();
      await pass(5000);
      await director.checkDrift();
      assert.deepEqual(log.take(), []);
      assert.equal(await daemons(), '');
      const text = 'pid 812 (ipvsadm), uid 0 stopped it';
      assert.deepEqual(await failure(), { text, since: at(asked) });
      await director.execute([OTHER, EXTRA]);
      log.take();
      await director.checkDrift();
      assert.deepEqual(log.take(), []);
      assert.equal(await daemons(), 'master eth0 9,backup eth0 51');
      assert.equal((await failure())?.text, 'an operator started one with other settings');
      sync.adopt({ sync: [CONFIGURED] });
      await pass();
      assert.equal(await daemons(), 'backup eth1 51', 'until a reload');
      assert.deepEqual(drifts(), []);
    });
  }

  it('is what repair goes back to, but for a daemon that is as the configuration has it', async () => {
    await run('repair');
    await director.execute([STOP, OTHER]);
    await engine.execute([STOP]);
    await director.checkDrift();
    assert.equal(await daemons(), 'backup eth0 51');
    await director.execute([STOP]);
    await engine.execute([
      { kind: 'start-daemon', daemon: { role: 'backup', interface: 'eth1', syncId: 51 } },
    ]);
    log.take();
    await director.checkDrift();
    assert.deepEqual(log.take(), []);
    assert.equal(await daemons(), 'backup eth1 51');
  });

  it('is not undone when something else is tried again', async () => {
    await run('report');
    sync.adopt({
      sync: [
        { role: 'backup', interface: 'eth1', syncId: 51 },
        { role: 'master', interface: 'eth2', syncId: 51 },
      ],
    });
    await pass();
    await director.execute([STOP]);
    interfaces.add('eth2');
    await pass(5000);
    assert.equal(await daemons(), 'master eth2 51');
  });
});
