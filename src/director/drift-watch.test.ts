import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DriftWatch } from './drift-watch.ts';
import { RecordedLog } from './recorded-log.ts';

/** Lets what the timers started come to its end. */
const settled = () => new Promise((resolve) => void setImmediate(resolve));

test('drift is looked for every five seconds, more rarely where that takes long, and not after the end', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const log = new RecordedLog();
  let [now, checks, takes] = [0, 0, 0];
  const check = async () => {
    checks += 1;
    now += takes;
  };
  const watch = new DriftWatch(check, { logger: log.logger, now: () => now });
  const pass = async (milliseconds: number) => {
    t.mock.timers.tick(milliseconds);
    await settled();
    return checks;
  };
  assert.equal(await pass(4999), 0);
  takes = 1000;
  assert.equal(await pass(1), 1);
  assert.equal(await pass(19_999), 1);
  assert.equal(await pass(1), 2);
  watch.dispose();
  assert.equal(await pass(100_000), 2);
  assert.deepEqual(log.take(), []);
});

test('a check that fails is told once, and tried again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const log = new RecordedLog();
  const failures = ['one', 'one', undefined, 'one', 'other'];
  const check = async () => {
    const failure = failures.shift();
    if (failure !== undefined) throw new Error(failure);
  };
  const watch = new DriftWatch(check, { logger: log.logger, now: () => 0 });
  for (const expected of [['one'], [], [], ['one'], ['other']]) {
    t.mock.timers.tick(5000);
    await settled();
    assert.deepEqual(
      log.take(),
      expected.map((failure) => `warn drift cannot be looked for: ${failure}`),
    );
  }
  watch.dispose();
});
