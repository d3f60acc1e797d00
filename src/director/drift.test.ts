import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { destinationOn, serviceOn, serviceOnMark, settings } from '../../test/engine/sample-table.ts';
import { tableArbitrary } from '../../test/engine/table-arbitrary.ts';
import type { DriftMode } from '../config/config.ts';
import type { OperationOutcome } from '../engines/engine.ts';
import { MemoryEngine } from '../engines/memory/memory-engine.ts';
import { diffTables } from '../model/diff.ts';
import { ViprError } from '../model/error.ts';
import type { Operation } from '../model/operation.ts';
import type { Table } from '../model/table.ts';
import type { Seconds, Weight } from '../model/unit.ts';
import { Director } from './director.ts';
import { RecordedLog } from './recorded-log.ts';

const WEB = serviceOn('192.0.2.10');
const BY_HAND = serviceOnMark(7);
const KEEP = 0 as Seconds;
const TABLE: Table = {
  services: [
    { id: WEB, ...settings(), destinations: [destinationOn('10.0.0.2'), destinationOn('10.0.0.1')] },
  ],
  timeouts: { tcp: KEEP, tcpfin: KEEP, udp: 60 as Seconds },
};
const QUIESCE = weigh('10.0.0.1', 0);

/** An engine that others change too, and that may refuse. */
class SharedEngine extends MemoryEngine {
  refuses = false;
  snapshots = 0;

  override execute(operations: readonly Operation[]): Promise<OperationOutcome[]> {
    if (!this.refuses) return super.execute(operations);
    return Promise.resolve(
      operations.map(() => new ViprError('ENGINE_FAILED', 'not now', { hint: 'Wait.' })),
    );
  }

  override snapshot() {
    this.snapshots += 1;
    return super.snapshot();
  }
}

async function directorOf(drift: DriftMode, table = TABLE) {
  const engine = new SharedEngine();
  const log = new RecordedLog();
  const director = new Director({ engineReason: 'a test', version: '1.2.3' }, { engine, logger: log.logger });
  await director.start(table, { drift });
  const weights = async () => (await engine.service(WEB))?.destinations.map(({ weight }) => weight);
  return { engine, director, log, weights };
}

describe('drift', () => {
  test('is told once, and again when it has come back', async () => {
    const { engine, director, log, weights } = await directorOf('report');
    await engine.execute([QUIESCE]);
    const told = 'warn drift: another program changed tcp 192.0.2.10:80 -> 10.0.0.1:80: weight 1 -> 0';
    await director.checkDrift();
    await director.checkDrift();
    assert.deepEqual(log.take(), [told]);
    assert.deepEqual(await weights(), [1, 0]);
    await engine.execute([weigh('10.0.0.1', 1)]);
    await director.checkDrift();
    await engine.execute([QUIESCE]);
    await director.checkDrift();
    assert.deepEqual(log.take(), [told]);
  });

  test('is not what comes through the director', async () => {
    for (const mode of ['report', 'repair'] as const) {
      const { director, log, weights } = await directorOf(mode);
      await director.execute([
        weigh('10.0.0.1', 9),
        { kind: 'set-timeouts', timeouts: { tcp: 30 as Seconds, tcpfin: KEEP, udp: 30 as Seconds } },
      ]);
      log.take();
      await director.checkDrift();
      assert.deepEqual(log.take(), []);
      assert.deepEqual(await weights(), [1, 9]);
      await director.execute([{ kind: 'delete-service', service: WEB }]);
      log.take();
      await director.checkDrift();
      assert.deepEqual(log.take(), []);
      assert.equal(await weights(), undefined);
    }
  });

  test('is not what others add, nor timeouts that the configuration does not name', async () => {
    const { engine, director, log } = await directorOf('repair');
    await engine.execute([
      { kind: 'add-service', service: BY_HAND, settings: settings() },
      { kind: 'set-timeouts', timeouts: { tcp: 30 as Seconds, tcpfin: KEEP, udp: KEEP } },
    ]);
    await director.checkDrift();
    assert.deepEqual(log.take(), []);
    assert.ok((await engine.service(BY_HAND)) !== undefined);
    assert.equal((await engine.snapshot()).timeouts.tcp, 30);
  });

  test('is put back with repair, but for a server that is drained', async () => {
    const { engine, director, log, weights } = await directorOf('repair');
    await engine.execute([
      { kind: 'set-timeouts', timeouts: { tcp: KEEP, tcpfin: KEEP, udp: 30 as Seconds } },
      { kind: 'edit-service', service: WEB, settings: settings({ scheduler: 'lc' }) },
      QUIESCE,
      weigh('10.0.0.2', 7),
    ]);
    await director.checkDrift();
    assert.deepEqual(log.take(), [
      'warn drift: another program changed timeouts: udp 60 s -> 30 s',
      'warn drift: another program changed tcp 192.0.2.10:80: scheduler rr -> lc',
      'warn drift: another program changed tcp 192.0.2.10:80 -> 10.0.0.2:80: weight 1 -> 7',
      'warn drift: another program changed tcp 192.0.2.10:80 -> 10.0.0.1:80: weight 1 -> 0',
      'info drift repaired: changed timeouts: udp 30 s -> 60 s',
      'info drift repaired: changed tcp 192.0.2.10:80: scheduler lc -> rr',
      'info drift repaired: changed tcp 192.0.2.10:80 -> 10.0.0.2:80: weight 7 -> 1',
    ]);
    await director.checkDrift();
    assert.deepEqual(log.take(), []);
    assert.deepEqual(await weights(), [1, 0]);
    assert.deepEqual(
      (await director.apply(TABLE)).map(({ destination }) => destination),
      ['10.0.0.1:80'],
      'a reload is asked for, and puts it back',
    );
  });

  test('that cannot be put back is told once', async () => {
    const { engine, director, log } = await directorOf('repair');
    await engine.execute([{ kind: 'delete-service', service: WEB }]);
    engine.refuses = true;
    await director.checkDrift();
    assert.deepEqual(log.take().slice(-2), [
      'warn drift: another program removed tcp 192.0.2.10:80: scheduler rr, destinations 2',
      'error drift cannot be repaired: not now',
    ]);
    await director.checkDrift();
    assert.deepEqual(log.take(), []);
    engine.refuses = false;
    await director.checkDrift();
    assert.match(log.take().join('\n'), /^info drift repaired: added tcp 192\.0\.2\.10:80: scheduler rr\n/);
    assert.equal((await engine.service(WEB))?.destinations.length, 2);
  });

  test('is not looked for where it is to be ignored, or nothing is owned', async () => {
    for (const [mode, table] of [
      ['ignore', TABLE],
      ['repair', { services: [], timeouts: { tcp: KEEP, tcpfin: KEEP, udp: KEEP } }],
    ] as const) {
      const { engine, director } = await directorOf(mode, table);
      const before = engine.snapshots;
      await director.checkDrift();
      assert.equal(engine.snapshots, before);
    }
  });

  test('is never found where only the director changes the table', async () => {
    await fc.assert(
      fc.asyncProperty(tableArbitrary(), tableArbitrary(), tableArbitrary(), async (one, other, third) => {
        const { engine, director, log } = await directorOf('report', one);
        await director.apply(other);
        // What leads on to a third table, as an operator would by hand.
        await director.execute(diffTables(await engine.snapshot(), third));
        log.take();
        await director.checkDrift();
        assert.deepEqual(log.take(), []);
      }),
      { numRuns: 100 },
    );
  });
});

function weigh(address: string, weight: number): Operation {
  return {
    kind: 'edit-destination',
    service: WEB,
    destination: destinationOn(address, { weight: weight as Weight }),
  };
}
