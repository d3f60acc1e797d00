import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wrappedList } from './wrapped-list.ts';

test('a list goes on in further lines, indented, where it has no room', () => {
  const addresses = Array.from({ length: 12 }, (_, index) => `192.0.2.${100 + index}`);
  const lines = wrappedList('  addresses', addresses);
  assert.deepEqual(lines, [
    '  addresses 192.0.2.100, 192.0.2.101, 192.0.2.102, 192.0.2.103, 192.0.2.104,',
    '    192.0.2.105, 192.0.2.106, 192.0.2.107, 192.0.2.108, 192.0.2.109,',
    '    192.0.2.110, 192.0.2.111',
  ]);
  assert.deepEqual(wrappedList('group VG  master:', ['VI_1']), ['group VG  master: VI_1']);
  const long = 'x'.repeat(90);
  assert.deepEqual(wrappedList('a', [long, long]), [`a ${long},`, `  ${long}`]);
});
