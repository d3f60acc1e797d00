import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Engine } from '../engines/engine.ts';
import { MemoryEngine } from '../engines/memory/memory-engine.ts';
import { ViprError, type ViprErrorCode } from '../model/error.ts';
import { FirstEngine } from './first-engine.ts';

const absent = (code: ViprErrorCode, message: string, hint: string) => async (): Promise<Engine> => {
  throw new ViprError(code, message, { hint });
};

/** An engine that is there, but whose requests all fail with the code. */
const failing = (code: ViprErrorCode) => async (): Promise<Engine> => {
  const engine = new MemoryEngine();
  const fail = async (): Promise<never> => {
    throw new ViprError(code, 'it failed');
  };
  engine.info = fail;
  engine.snapshot = fail;
  engine.execute = fail;
  return engine;
};

test('the first engine that answers is asked, from the first request on', async () => {
  const memory = new MemoryEngine();
  let opened = 0;
  const engine = new FirstEngine([
    failing('DIRECTOR_NOT_RUNNING'),
    absent('ENGINE_UNAVAILABLE', 'none', 'hint'),
    async () => {
      opened++;
      return memory;
    },
    async () => assert.fail('a later engine was opened'),
  ]);
  const [info, snapshot] = await Promise.all([engine.info(), engine.snapshot()]);
  assert.equal(info.name, 'memory');
  assert.deepEqual(snapshot.services, []);
  for await (const page of engine.connections()) assert.fail(`${page.length} connections of an empty table`);
  assert.deepEqual(await engine.execute([{ kind: 'flush' }]), [undefined]);
  assert.equal(opened, 1);
  await engine.close(0);
});

test('where none answers, the error says what kept each, and the kernel’s reason decides the code', async () => {
  const director = absent('DIRECTOR_NOT_RUNNING', 'no director.', 'Start one.');
  const kernel = absent('PERMISSION_DENIED', 'not for you', 'Be root.');
  for (const candidates of [
    [director, kernel],
    [kernel, director],
  ]) {
    const engine = new FirstEngine(candidates);
    const expected = {
      code: 'PERMISSION_DENIED',
      message: 'not for you; no director',
      hint: 'Be root. Or: Start one.',
    };
    await assert.rejects(engine.snapshot(), expected);
    await assert.rejects(engine.info(), expected, 'a second request fails alike');
    await engine.close(0);
  }
});

test('an engine that answers with another failure is not left for the next', async () => {
  const engine = new FirstEngine([failing('ENGINE_FAILED'), async () => assert.fail('it was opened')]);
  await assert.rejects(engine.snapshot(), { code: 'ENGINE_FAILED' });
});
