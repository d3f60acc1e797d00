import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { EbpfEngine } from '../../src/engines/ebpf/ebpf-engine.ts';
import { SETTING_BACKUP_ONLY, SETTING_SYNC_MASTER } from '../../src/engines/ebpf/layout.gen.ts';
import { DEFAULT_SYSCTLS } from '../../src/engines/ebpf/lifecycle/sysctl.ts';
import { HostEnvironment } from '../../src/engines/table/environment.ts';
import type { DaemonRole } from '../../src/model/daemon.ts';
import type { Operation } from '../../src/model/operation.ts';
import { type EbpfMaps, openEbpfMaps, whyNoEbpfMaps } from './ebpf-maps.ts';

const BOTH = SETTING_SYNC_MASTER | SETTING_BACKUP_ONLY;
const skip = whyNoEbpfMaps() ?? false;

describe('the synchronisation daemons of the eBPF engine', { skip }, () => {
  it('run as the table lists them, and the data plane knows', async () => {
    await using bench = await Bench.open();
    assert.equal(bench.flags(), 0);
    assert.deepEqual(await bench.engine.synchronisation(), {});
    await bench.done(start('backup'));
    assert.equal(bench.flags(), SETTING_BACKUP_ONLY);
    await bench.done(start('master'));
    assert.equal(bench.flags(), SETTING_SYNC_MASTER);
    const { master, backup } = await bench.engine.synchronisation();
    assert.equal(master?.syncId, 7);
    assert.equal(backup?.interface, 'lo');
    await bench.done({ kind: 'stop-daemon', role: 'master' });
    assert.equal(bench.flags(), SETTING_BACKUP_ONLY);
    const left = await bench.engine.synchronisation();
    assert.equal(left.master, undefined);
    assert.equal(left.backup?.syncId, 7);
  });

  it('end with the engine; one that comes after another that was killed has none', async () => {
    const maps = await openEbpfMaps();
    const first = new Bench(maps);
    await first.done(start('master'));
    assert.equal(first.flags(), SETTING_SYNC_MASTER);
    await first.engine.close();
    assert.equal(first.flags(), 0);
    maps.settings.change(({ flags }) => ({ flags: flags | BOTH }));
    await using second = new Bench(maps, true);
    assert.equal(second.flags(), 0);
    assert.deepEqual((await second.engine.snapshot()).daemons, []);
    assert.deepEqual(await second.engine.synchronisation(), {});
  });

  it('of one role stop and start in one batch', async () => {
    await using bench = await Bench.open();
    await bench.done(start('master'));
    await bench.done({ kind: 'stop-daemon', role: 'master' }, start('master', 8));
    assert.equal((await bench.engine.synchronisation()).master?.syncId, 8);
    assert.equal(bench.flags(), SETTING_SYNC_MASTER);
    await sleep(50);
    assert.equal((await bench.engine.synchronisation()).master?.discarded, 0);
  });
});

class Bench {
  readonly #maps: EbpfMaps;
  readonly engine: EbpfEngine;

  /** `owned`: the maps end with it. */
  constructor(maps: EbpfMaps, owned = false) {
    const { close, ...opened } = maps;
    this.#maps = maps;
    this.engine = new EbpfEngine({
      ...opened,
      sysctls: { ...DEFAULT_SYSCTLS, backup_only: 1 },
      environment: new HostEnvironment(),
      now: () => performance.now(),
      wallClock: Date.now,
      unprivilegedPortStart: 1024,
      dataPlane: {
        destinationAdded: () => undefined,
        destinationRemoved: () => undefined,
        close: async () => {
          if (owned) close();
        },
      },
    });
  }

  static async open(): Promise<Bench> {
    return new Bench(await openEbpfMaps(), true);
  }

  async done(...operations: readonly Operation[]): Promise<void> {
    assert.deepEqual(
      await this.engine.execute(operations),
      operations.map(() => undefined),
    );
  }

  flags(): number {
    return this.#maps.settings.read().flags & BOTH;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.engine.close();
  }
}

function start(role: DaemonRole, syncId = 7): Operation {
  return { kind: 'start-daemon', daemon: { role, interface: 'lo', syncId } };
}
