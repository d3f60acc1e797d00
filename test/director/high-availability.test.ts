import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeEngine } from '../../src/api/fake-engine.ts';
import { DAEMONS, SYNC, VRRP } from '../../src/api/fake-high-availability.ts';
import { parseMetrics } from '../../src/api/metrics/parse-metrics.ts';
import { writeMetrics } from '../../src/api/metrics/write-metrics.ts';
import { readSynchronisation } from '../../src/api/read-synchronisation.ts';
import { Director } from '../../src/director/director.ts';
import { DirectorVrrp } from '../../src/director/director-vrrp.ts';
import { RecordedLog } from '../../src/director/recorded-log.ts';
import type { Engine } from '../../src/engines/engine.ts';
import { MemoryEngine } from '../../src/engines/memory/memory-engine.ts';
import type { Milliseconds } from '../../src/model/unit.ts';
import { NO_VRRP } from '../../src/model/vrrp-status.ts';

const OPTIONS = { engineReason: 'a test', version: '1.2.3' };

test('a director tells of VRRP from its beginning to its end', async () => {
  const { logger } = new RecordedLog();
  const director: Director = new Director(OPTIONS, {
    engine: new MemoryEngine(),
    logger,
    vrrp: () => vrrp.status(),
  });
  const vrrp: DirectorVrrp = new DirectorVrrp({
    logger,
    director,
    runScript: async () => ({ kind: 'exited', code: 0 }),
    tellFifos: () => {},
    open: () => ({
      start: async () => {},
      update: async () => {},
      reconsider: () => {},
      hold: () => {},
      stop: async () => {},
      status: () => VRRP,
    }),
  });
  const states = async () => {
    const text = (await Array.fromAsync(writeMetrics(director, ['vrrp']))).join('');
    return parseMetrics(text).get('keepalived_vrrp_state')?.samples.length;
  };
  vrrp.adopt({ instances: [], groups: [], scripts: [], startupDelay: 0 as Milliseconds });
  assert.deepEqual([director.vrrp(), await states()], [NO_VRRP, 0]);
  await vrrp.begin();
  assert.deepEqual([director.vrrp(), await states()], [VRRP, 3]);
  await vrrp.stop();
  assert.deepEqual(director.vrrp(), NO_VRRP);
  await director.close(0);
});

test('a director has the synchronisation of its engine, where the engine has its own', async () => {
  const engine = new FakeEngine();
  engine.knownDaemons = DAEMONS;
  engine.syncStatus = SYNC;
  const found = async (of: Engine) => {
    const director = new Director(OPTIONS, { engine: of, logger: new RecordedLog().logger });
    const has = director.synchronisation !== undefined;
    return [has, await readSynchronisation(director, await director.snapshot())];
  };
  assert.deepEqual(await found(engine), [true, { daemons: DAEMONS, configured: [], ...SYNC }]);
  assert.deepEqual(await found(new MemoryEngine()), [false, { daemons: [], configured: [] }]);
});
