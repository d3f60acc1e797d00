import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SharedWhileUsed } from './shared-while-used.ts';

it('opens a thing for its first user and closes it after its last', () => {
  const told: string[] = [];
  const things = new SharedWhileUsed<{ close(): void }>();
  const acquire = (key: string) =>
    things.acquire(key, () => {
      told.push(`open ${key}`);
      return { close: () => told.push(`close ${key}`) };
    });
  const first = acquire('a');
  const second = acquire('a');
  const other = acquire('b');
  assert.equal(first.thing, second.thing);
  assert.notEqual(first.thing, other.thing);
  first.release();
  other.release();
  assert.deepEqual(told, ['open a', 'open b', 'close b']);
  second.release();
  acquire('a').release();
  assert.deepEqual(told.slice(3), ['close a', 'open a', 'close a']);
});

it('keeps nothing of what could not be opened', () => {
  const things = new SharedWhileUsed<{ close(): void }>();
  assert.throws(() =>
    things.acquire('a', () => {
      throw new Error('no');
    }),
  );
  assert.deepEqual(things.acquire('a', () => ({ close() {} })).thing instanceof Object, true);
});
