import assert from 'node:assert/strict';
import { test } from 'node:test';
import { destinationOn, serviceOn, settings } from '../../test/engine/sample-table.ts';
import { MemoryEngine } from '../engines/memory/memory-engine.ts';
import { readSetWords, setSettings } from './run-set.ts';

async function engineWithService(): Promise<MemoryEngine> {
  const engine = new MemoryEngine();
  const service = serviceOn('192.0.2.10');
  await engine.execute([
    { kind: 'add-service', service, settings: settings() },
    { kind: 'add-destination', service, destination: destinationOn('10.0.0.11', { upperThreshold: 9 }) },
  ]);
  return engine;
}

test('a weight changes, and the rest of the destination stays', async () => {
  const engine = await engineWithService();
  const request = readSetWords(['tcp', '192.0.2.10:80', '10.0.0.11:80', 'weight=4']);
  assert.deepEqual(await setSettings(engine, request), [
    {
      action: 'change',
      service: 'tcp 192.0.2.10:80',
      destination: '10.0.0.11:80',
      fields: [{ field: 'weight', before: '1', after: '4' }],
    },
  ]);
  const [destination] = (await engine.service(serviceOn('192.0.2.10')))?.destinations ?? [];
  assert.deepEqual([destination?.weight, destination?.upperThreshold], [4, 9]);
  assert.deepEqual(await setSettings(engine, request), []);
});

test('a scheduler changes', async () => {
  const engine = await engineWithService();
  const changes = await setSettings(engine, readSetWords(['192.0.2.10:80', 'scheduler=wlc']));
  assert.deepEqual(changes[0]?.fields, [{ field: 'scheduler', before: 'rr', after: 'wlc' }]);
  assert.equal((await engine.service(serviceOn('192.0.2.10')))?.scheduler, 'wlc');
});

test('what is not there is told, with what is', async () => {
  const engine = await engineWithService();
  await assert.rejects(setSettings(engine, readSetWords(['192.0.2.11:80', 'scheduler=wlc'])), {
    code: 'SERVICE_NOT_FOUND',
  });
  await assert.rejects(setSettings(engine, readSetWords(['192.0.2.10:80', '10.0.0.12:80', 'weight=1'])), {
    code: 'DESTINATION_NOT_FOUND',
    hint: 'It has 10.0.0.11:80.',
  });
  await assert.rejects(setSettings(engine, readSetWords(['192.0.2.10:80', 'scheduler=best'])), {
    code: 'SCHEDULER_NOT_FOUND',
  });
});

for (const words of [
  ['192.0.2.10:80'],
  ['192.0.2.10:80', '10.0.0.11:80'],
  ['192.0.2.10:80', '10.0.0.11', 'weight=1'],
  ['192.0.2.10:80', '10.0.0.11:80', '10.0.0.12:80', 'weight=1'],
  ['192.0.2.10:80', 'weight=1', 'now'],
  ['192.0.2.10:80', '=1'],
  ['weight=1'],
]) {
  test(`${words.join(' ')} is wrong usage`, () => {
    assert.throws(() => readSetWords(words), { code: 'USAGE' });
  });
}
