import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { destinationOn, serviceOn, settings } from '../../../test/engine/sample-table.ts';
import type { Weight } from '../../model/unit.ts';
import { HostEnvironment } from '../table/environment.ts';
import { FakeIpvs } from './fake/fake-ipvs.ts';
import { openIpvsEngine } from './open-ipvs-engine.ts';

const ID = serviceOn('192.0.2.10');
const QUIESCED = destinationOn('10.0.0.1', { weight: 0 as Weight, upperThreshold: 9 });

async function bench(t: TestContext, setting?: string) {
  const directory = mkdtempSync(join(tmpdir(), 'vipr-ipvs-'));
  const path = join(directory, 'expire_nodest_conn');
  if (setting !== undefined) writeFileSync(path, `${setting}\n`);
  const told: string[] = [];
  const engine = await openIpvsEngine(
    { settingsDirectory: directory, info: (text) => void told.push(text) },
    new FakeIpvs({ environment: new HostEnvironment() }).modules,
  );
  t.after(async () => {
    await engine.close();
    rmSync(directory, { recursive: true });
  });
  await engine.execute([
    { kind: 'add-service', service: ID, settings: settings() },
    { kind: 'add-destination', service: ID, destination: QUIESCED },
    { kind: 'add-destination', service: ID, destination: destinationOn('10.0.0.2') },
  ]);
  return { engine, told, setting: () => readFileSync(path, 'utf8').trim() };
}

test('the kernel is set to end connections of deleted destinations, and this one comes back as it was', async (t) => {
  const { engine, told, setting } = await bench(t, '0');
  assert.equal(await engine.purgeConnections(ID, QUIESCED), 0);
  assert.equal(setting(), '1');
  assert.deepEqual(told, ['net.ipv4.vs.expire_nodest_conn is set to 1']);
  const found = (await engine.service(ID))?.destinations.map(({ address, weight, upperThreshold }) => {
    return [address, weight, upperThreshold];
  });
  assert.deepEqual(found, [
    ['10.0.0.1', 0, 9],
    ['10.0.0.2', 1, 0],
  ]);
});

test('a destination that was deleted stays so, and what is set is left', async (t) => {
  const { engine, told } = await bench(t, '1');
  await engine.execute([{ kind: 'delete-destination', service: ID, destination: QUIESCED }]);
  assert.equal(await engine.purgeConnections(ID, QUIESCED), 0);
  assert.equal((await engine.service(ID))?.destinations.length, 1);
  assert.deepEqual(told, []);
});

test('where the setting is not there or may not be set, nothing is touched', async (t) => {
  const { engine } = await bench(t);
  await assert.rejects(engine.purgeConnections(ID, QUIESCED), {
    code: 'PERMISSION_DENIED',
    message: /expire_nodest_conn/,
  });
  assert.equal((await engine.service(ID))?.destinations.length, 2);
});
