import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { instanceSettings } from '../../../test/vrrp/instance-settings.ts';
import type { SyncSettings } from '../../config/config.ts';
import { MemoryEngine } from '../../engines/memory/memory-engine.ts';
import { VirtualClock } from '../../health/testing/virtual-clock.ts';
import type { ConfiguredSync } from '../../model/configured-sync.ts';
import { ViprError } from '../../model/error.ts';
import type { SyncBackupStatus, SyncStatus } from '../../model/sync-status.ts';
import type { Milliseconds } from '../../model/unit.ts';
import type { VrrpSettings } from '../../model/vrrp.ts';
import type { VrrpStateName } from '../../model/vrrp-status.ts';
import { Director } from '../director.ts';
import { RecordedLog } from '../recorded-log.ts';
import { DirectorSync } from './director-sync.ts';

const VRRP: VrrpSettings = {
  instances: [instanceSettings({ name: 'web' })],
  groups: [],
  scripts: [],
  startupDelay: 0 as Milliseconds,
};
const FOLLOWING: SyncSettings = { role: { follow: 'web' }, interface: 'eth1', syncId: 51 };
const FOLLOWS = { sync: [FOLLOWING], vrrp: VRRP };
/** Milliseconds since 1970 at the clock's 0. */
const WALL = Date.UTC(2026, 0, 2);
const OPERATORS = { role: 'backup', interface: 'eth0', syncId: 9 } as const;

let clock: VirtualClock;
let log: RecordedLog;
let interfaces: Set<string>;
let engine: MemoryEngine;
let director: Director;
/** Reasons that VRRP was held for; undefined where it was let go. */
let holds: (string | undefined)[];
let state: VrrpStateName;
/** What the engine tells of its backup; `absent` where it tells nothing. */
let backup: Pick<SyncBackupStatus, 'isSynchronised' | 'waitingFor'> | undefined | 'absent';

beforeEach(() => {
  clock = new VirtualClock();
  log = new RecordedLog();
  interfaces = new Set(['eth0', 'eth1']);
  const environment = {
    classify: () => 'unicast' as const,
    interfaceMtu: (name: string) => (interfaces.has(name) ? 1500 : undefined),
  };
  engine = new MemoryEngine({ environment });
  director = new Director({ engineReason: 'test', version: '1' }, { engine, logger: log.logger });
  [holds, state, backup] = [[], 'initialize', 'absent'];
});

/** With methods that need their object, as DirectorVrrp has them. */
class FakeVrrp {
  readonly #instance = 'web';

  stateOf(name: string): VrrpStateName {
    return name === this.#instance ? state : 'initialize';
  }

  hold(reason: string | undefined): void {
    assert.ok(this.#instance);
    holds.push(reason);
  }
}

function syncOf(): DirectorSync {
  const synchronisation = async () => ({ backup }) as unknown as SyncStatus;
  return new DirectorSync({
    logger: log.logger,
    director,
    synchronisation: backup === 'absent' ? undefined : synchronisation,
    vrrp: new FakeVrrp(),
    timers: clock,
    now: clock.now,
    wallClock: () => WALL + clock.now(),
  });
}

async function configured(sync: DirectorSync): Promise<ConfiguredSync> {
  return sync.status((await engine.snapshot()).daemons);
}

function at(milliseconds: number): string {
  return new Date(WALL + milliseconds).toISOString();
}

async function daemons(): Promise<string> {
  const { daemons } = await engine.snapshot();
  return daemons.map(({ role, interface: device, syncId }) => `${role} ${device} ${syncId}`).join();
}

async function pass(milliseconds = 0): Promise<void> {
  for (let turns = 5; turns > 0; turns--) await turn();
  await clock.advance(milliseconds);
  for (let turns = 5; turns > 0; turns--) await turn();
}

async function move(sync: DirectorSync, to: VrrpStateName): Promise<void> {
  state = to;
  sync.reconsider();
  await pass();
}

describe('the daemons of the configuration', () => {
  it('follow an instance: a master with it, and else a backup, in fault too', async () => {
    const sync = syncOf();
    sync.adopt(FOLLOWS);
    await move(sync, 'master');
    assert.equal(await daemons(), '', 'not before it begins');
    state = 'initialize';
    await sync.begin();
    assert.equal(await daemons(), 'backup eth1 51');
    await move(sync, 'master');
    assert.equal(await daemons(), 'master eth1 51');
    await move(sync, 'fault');
    assert.equal(await daemons(), 'backup eth1 51');
    assert.deepEqual(log.take(), [
      'info started the backup synchronisation daemon on eth1, ID 51',
      'info started the master synchronisation daemon on eth1, ID 51: VRRP web is master',
      'info stopped the backup synchronisation daemon on eth1, ID 51: VRRP web is master',
      'info started the backup synchronisation daemon on eth1, ID 51: VRRP web is fault',
      'info stopped the master synchronisation daemon on eth1, ID 51: VRRP web is fault',
    ]);
    assert.equal(director.events(0).filter(({ kind }) => kind === 'sync').length, 5);
    await sync.stop(Promise.resolve());
    assert.equal(await daemons(), '');
    assert.equal(clock.waiting, 0);
  });

  it('with fixed roles run all the time; those of others end, and those that differ begin anew', async () => {
    await engine.execute([{ kind: 'start-daemon', daemon: OPERATORS }]);
    const sync = syncOf();
    sync.adopt({ sync: [{ role: 'master', interface: 'eth1', syncId: 7 }] });
    await sync.begin();
    assert.equal(await daemons(), 'master eth1 7');
    sync.adopt({ sync: [{ role: 'master', interface: 'eth0', syncId: 8 }] });
    await pass();
    assert.equal(await daemons(), 'master eth0 8');
    await sync.stop(Promise.resolve());
    await sync.stop(Promise.resolve());
    assert.equal(await daemons(), '');
  });

  it('leave those of operators alone where there is no section, and end with it', async () => {
    await engine.execute([{ kind: 'start-daemon', daemon: OPERATORS }]);
    const sync = syncOf();
    sync.adopt({});
    await sync.begin();
    assert.equal(await daemons(), 'backup eth0 9');
    sync.adopt({ sync: [{ role: 'master', interface: 'eth1', syncId: 7 }, OPERATORS] });
    await pass();
    assert.equal(await daemons(), 'master eth1 7,backup eth0 9');
    sync.adopt({ sync: [{ role: 'master', interface: 'eth1', syncId: 7 }] });
    await pass();
    await engine.execute([{ kind: 'start-daemon', daemon: OPERATORS }]);
    sync.adopt({});
    await pass();
    assert.equal(await daemons(), 'backup eth0 9', "what was the configuration's has ended");
    await sync.stop(Promise.resolve());
    assert.equal(await daemons(), 'backup eth0 9');
  });

  it('end with a director that found them running', async () => {
    await engine.execute([
      { kind: 'start-daemon', daemon: { role: 'backup', interface: 'eth1', syncId: 51 } },
    ]);
    const sync = syncOf();
    sync.adopt(FOLLOWS);
    await sync.begin();
    assert.deepEqual(log.take(), []);
    await sync.stop(Promise.resolve());
    assert.equal(await daemons(), '');
  });

  it('are tried again every 5 s and when VRRP changes, and told once', async () => {
    interfaces.delete('eth1');
    const sync = syncOf();
    sync.adopt(FOLLOWS);
    await sync.begin();
    await pass(11_000);
    await move(sync, 'backup');
    const [line, ...more] = log.take();
    assert.match(line ?? '', /^error the backup synchronisation daemon on eth1, ID 51 cannot be started: /);
    assert.deepEqual(more, []);
    interfaces.add('eth1');
    await pass(5000);
    assert.equal(await daemons(), 'backup eth1 51');
    interfaces.delete('eth1');
    await move(sync, 'master');
    assert.equal(log.take().filter((each) => each.startsWith('error')).length, 1, 'another failure is told');
    interfaces.add('eth1');
    await move(sync, 'backup');
    assert.equal(await daemons(), 'backup eth1 51');
    await sync.stop(Promise.resolve());
    assert.equal(clock.waiting, 0);
  });

  it('go on as a master until VRRP has given up, and not as a backup then', async () => {
    const sync = syncOf();
    sync.adopt(FOLLOWS);
    await sync.begin();
    await move(sync, 'master');
    const gaveUp = Promise.withResolvers<void>();
    const stopped = sync.stop(gaveUp.promise);
    await pass();
    assert.equal(await daemons(), 'master eth1 51');
    await move(sync, 'initialize');
    assert.equal(await daemons(), '');
    gaveUp.resolve();
    await stopped;
    assert.equal(await daemons(), '');
  });
});

it('daemons have ended when the end is told, however busy the table is', async () => {
  const sync = syncOf();
  sync.adopt(FOLLOWS);
  await sync.begin();
  await move(sync, 'master');
  const busy = Promise.withResolvers<void>();
  const work = director.alone(() => busy.promise);
  const gaveUp = Promise.withResolvers<void>();
  const stopped = sync.stop(gaveUp.promise).then(daemons);
  await move(sync, 'initialize');
  gaveUp.resolve();
  await pass();
  busy.resolve();
  await work;
  assert.equal(await stopped, '');
});

describe('what is told of the configuration', () => {
  const WEB = { role: 'backup', follow: 'web', interface: 'eth1', syncId: 51 };

  it('is why a daemon does not run, and since when, until it runs', async () => {
    interfaces.delete('eth1');
    const sync = syncOf();
    assert.deepEqual(await configured(sync), { configured: [] }, 'no section');
    sync.adopt(FOLLOWS);
    assert.deepEqual(await configured(sync), { configured: [{ ...WEB, runs: false }] }, 'not tried yet');
    const began = clock.now();
    await sync.begin();
    await pass(11_000);
    const [daemon, ...others] = (await configured(sync)).configured;
    assert.deepEqual({ ...daemon, failure: undefined }, { ...WEB, runs: false, failure: undefined });
    assert.deepEqual(others, []);
    assert.match(daemon?.failure?.text ?? '', /eth1/);
    assert.doesNotMatch(daemon?.failure?.text ?? '', /cannot be started/);
    assert.equal(daemon?.failure?.since, at(began), 'the first time, not the last');
    await move(sync, 'master');
    const [master] = (await configured(sync)).configured;
    assert.deepEqual([master?.role, master?.failure?.since], ['master', at(clock.now())]);
    interfaces.add('eth1');
    await pass(5000);
    assert.deepEqual(await configured(sync), { configured: [{ ...WEB, role: 'master', runs: true }] });
    await sync.stop(Promise.resolve());
    assert.deepEqual(await configured(sync), { configured: [] }, 'nothing is to run any more');
  });

  it('is that another program has ended one, or runs it with other settings', async () => {
    const sync = syncOf();
    sync.adopt({ sync: [OPERATORS] });
    await sync.begin();
    assert.deepEqual(await configured(sync), { configured: [{ ...OPERATORS, runs: true }] });
    await engine.execute([{ kind: 'stop-daemon', role: 'backup' }]);
    assert.deepEqual(await configured(sync), { configured: [{ ...OPERATORS, runs: false }] });
    await engine.execute([{ kind: 'start-daemon', daemon: { ...OPERATORS, interface: 'eth1' } }]);
    assert.deepEqual(await configured(sync), { configured: [{ ...OPERATORS, runs: false }] });
    sync.reconsider();
    await pass();
    assert.deepEqual(await configured(sync), { configured: [{ ...OPERATORS, runs: true }] });
    await sync.stop(Promise.resolve());
  });

  it('is a failure of the engine as a whole, and one to stop what runs with other settings', async () => {
    const sync = syncOf();
    sync.adopt({ sync: [OPERATORS] });
    await sync.begin();
    sync.adopt({ sync: [{ ...OPERATORS, syncId: 10 }] });
    const { execute } = engine;
    engine.execute = async (operations) => operations.map(() => new ViprError('ENGINE_FAILED', 'busy'));
    await pass();
    const [one] = (await configured(sync)).configured;
    assert.equal(
      one?.failure?.text,
      'the backup synchronisation daemon on eth0, ID 9 cannot be stopped: busy',
    );
    engine.execute = () => Promise.reject(new Error('gone'));
    await pass(5000);
    const [other] = (await configured(sync)).configured;
    assert.equal(other?.failure?.text, 'the synchronisation daemons cannot be looked after: gone');
    engine.execute = execute;
    await pass(5000);
    assert.deepEqual(await configured(sync), { configured: [{ ...OPERATORS, syncId: 10, runs: true }] });
    await sync.stop(Promise.resolve());
  });

  it('is what VRRP waits for', async () => {
    backup = { isSynchronised: false, waitingFor: 'the table of 10.0.0.2' };
    const sync = syncOf();
    sync.adopt(FOLLOWS);
    await sync.begin();
    assert.equal((await configured(sync)).hold, 'the table of 10.0.0.2');
    backup = { isSynchronised: true };
    await pass(250);
    assert.deepEqual(await configured(sync), { configured: [{ ...WEB, runs: true }] });
    await sync.stop(Promise.resolve());
  });
});

describe('the hold on VRRP', () => {
  it('begins before VRRP does, and ends when the backup is synchronised', async () => {
    backup = { isSynchronised: false, waitingFor: 'the table of 10.0.0.2' };
    const sync = syncOf();
    sync.adopt(FOLLOWS);
    await sync.begin();
    assert.deepEqual(holds, ['the table of 10.0.0.2']);
    await move(sync, 'backup');
    backup = { isSynchronised: false, waitingFor: 'the table of 10.0.0.3' };
    await pass(1000);
    assert.deepEqual(holds.slice(1), ['the table of 10.0.0.3']);
    backup = { isSynchronised: true };
    await pass(250);
    assert.deepEqual(holds.slice(2), [undefined]);
    backup = { isSynchronised: false };
    await pass(250);
    assert.deepEqual(holds.slice(3), ['the connections of the master'], 'it missed something');
    await move(sync, 'master');
    assert.deepEqual(holds.slice(4), [undefined]);
    await pass(1000);
    assert.equal(holds.length, 5, 'a master is not held');
    assert.deepEqual(log.take().slice(1, 3), [
      'info VRRP takes over from no living master until connections are synchronised: the table of 10.0.0.2',
      'info connections are synchronised: VRRP may take over again',
    ]);
    await sync.stop(Promise.resolve());
    assert.equal(clock.waiting, 0);
  });

  it('does not wait for ever for a daemon that cannot be started', async () => {
    interfaces.delete('eth1');
    backup = undefined;
    const sync = syncOf();
    sync.adopt(FOLLOWS);
    await sync.begin();
    await pass(29_000);
    assert.deepEqual(holds, ['the backup synchronisation daemon, which does not run yet']);
    await pass(2000);
    assert.deepEqual(holds.slice(1), [undefined]);
    assert.match(log.take().at(-1) ?? '', /^info connections are not synchronised/);
    await sync.stop(Promise.resolve());
  });

  it('is not there without VRRP, without a backup, or with an engine that does not tell', async () => {
    backup = { isSynchronised: false };
    for (const config of [
      { sync: [OPERATORS] },
      { ...FOLLOWS, sync: [{ ...OPERATORS, role: 'master' as const }] },
    ]) {
      const sync = syncOf();
      sync.adopt(config);
      await sync.begin();
      await sync.stop(Promise.resolve());
    }
    backup = 'absent';
    const sync = syncOf();
    sync.adopt(FOLLOWS);
    await sync.begin();
    await sync.stop(Promise.resolve());
    assert.deepEqual(holds, []);
  });
});
