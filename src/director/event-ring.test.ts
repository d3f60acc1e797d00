import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventRing } from './event-ring.ts';

test('the last thousand events are remembered, each with its number and time', () => {
  const ring = new EventRing(() => 0);
  assert.deepEqual(ring.after(0), []);
  for (let count = 1; count <= 1005; count++) ring.tell({ kind: 'change', text: `change ${count}` });
  assert.deepEqual(ring.after(1004), [
    { id: 1005, time: '1970-01-01T00:00:00.000Z', kind: 'change', text: 'change 1005' },
  ]);
  assert.deepEqual([ring.after(0).length, ring.after(0)[0]?.id], [1000, 6]);
  assert.deepEqual([ring.after(6)[0]?.id, ring.after(1005), ring.after(9999)], [7, [], []]);
});

test('listeners hear of each event until they have enough', () => {
  const ring = new EventRing(() => 0);
  const heard: string[] = [];
  const listener = ({ text }: { text: string }) => void heard.push(text);
  const [one, other] = [ring.listen(listener), ring.listen(listener)];
  ring.tell({ kind: 'drift', text: 'a' });
  one();
  ring.tell({ kind: 'drift', text: 'b' });
  other();
  ring.tell({ kind: 'drift', text: 'c' });
  assert.deepEqual(heard, ['a', 'a', 'b']);
});
