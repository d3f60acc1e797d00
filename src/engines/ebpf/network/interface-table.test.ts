import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Link } from '../../../netlink/route/link.ts';
import { InterfaceTable } from './interface-table.ts';

test('the map follows the links, and is written only where it differs', () => {
  const entries = new Map<number, string>([[9, 'of a device that is gone']]);
  let writes = 0;
  const table = new InterfaceTable(
    {
      set: (index, entry) => {
        writes += 1;
        entries.set(index, Buffer.from(entry).toString('hex'));
      },
      delete: (index) => void entries.delete(index),
    },
    [9],
  );
  const eth0 = link(2, { address: '02:00:00:00:00:01' });
  const links = new Map([
    [2, eth0],
    [3, link(3, { hardware: 65534, mtu: 1280 })],
  ]);
  table.write(links);
  table.write(links);
  assert.deepEqual([...entries], [[2, '00000000dc0500000200000000010000']]);
  assert.equal(writes, 1);
  table.setTargets(new Set([2]));
  table.write(links);
  links.set(2, { ...eth0, mtu: 9000 });
  table.write(links);
  assert.deepEqual([...entries], [[2, '01000000282300000200000000010000']]);
  links.delete(2);
  table.write(links);
  assert.equal(entries.size, 0);
});

function link(index: number, more: Partial<Link>): Link {
  return {
    index,
    name: `eth${index}`,
    hardware: 1,
    flags: 1,
    up: true,
    carrier: true,
    operationalState: 'up',
    mtu: 1500,
    ...more,
  };
}
