import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { LiveDestination } from '../../table/live-destination.ts';
import type { LiveService } from '../../table/live-service.ts';
import { ConnectionTable, Flag } from './connection-table.ts';

// The table only ever compares these.
const service = {} as LiveService;
const destinations = ['a', 'b', 'c'].map((key) => ({ key }) as unknown as LiveDestination);

describe('connection table', () => {
  test('gives fresh rows, then those that came back', () => {
    const table = new ConnectionTable();
    assert.deepEqual([allocate(table), allocate(table), allocate(table)], [0, 1, 2]);
    table.free(1);
    table.free(0);
    assert.equal(table.size, 1);
    assert.equal(table.end, 3);
    assert.deepEqual([allocate(table), allocate(table), allocate(table)], [0, 1, 3]);
  });

  test('a row that comes back has nothing of its former life', () => {
    const table = new ConnectionTable();
    const slot = allocate(table);
    table.set(slot, Flag.ending | Flag.abandoned | Flag.active | Flag.inet6);
    table.controlled[slot] = 4;
    table.controller[slot] = 9;
    table.free(slot);
    assert.equal(table.isUsed(slot), false);
    assert.equal(table.services[slot], undefined);
    assert.equal(allocate(table), slot);
    assert.equal(table.flags[slot], Flag.used);
    assert.equal(table.controlled[slot], 0);
    assert.equal(table.controller[slot], -1);
  });

  test('keeps its rows while it grows', () => {
    const table = new ConnectionTable();
    for (let count = 0; count < 5000; count++) {
      const slot = allocate(table);
      table.port[slot] = slot;
      table.address[slot * 4 + 3] = slot * 7;
      table.timeout[slot] = slot * 3;
      table.assign(slot, pickDestination(slot));
    }
    for (let slot = 0; slot < 5000; slot++) {
      assert.deepEqual(
        [table.port[slot], table.address[slot * 4 + 3], table.timeout[slot]],
        [slot, slot * 7, slot * 3],
      );
    }
    const [a] = destinations;
    assert.ok(a);
    assert.equal(table.slotsOf(a).length, 1667);
  });

  test('flags are set and unset one by one', () => {
    const table = new ConnectionTable();
    const slot = allocate(table);
    table.set(slot, Flag.open);
    table.set(slot, Flag.template);
    assert.ok(table.has(slot, Flag.open) && table.has(slot, Flag.template));
    table.unset(slot, Flag.open);
    assert.ok(!table.has(slot, Flag.open) && table.has(slot, Flag.template) && table.isUsed(slot));
  });

  test('lists the rows of each destination, newest first, as a plain list would', () => {
    const step = fc.record({
      kind: fc.constantFrom('open', 'close', 'move'),
      pick: fc.nat(),
      destination: fc.constantFrom(...destinations),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const table = new ConnectionTable();
        const model: { slot: number; destination: LiveDestination }[] = [];
        for (const { kind, pick, destination } of steps) {
          const [found] = kind === 'open' ? [] : model.splice(pick % Math.max(1, model.length), 1);
          if (kind === 'open') {
            const slot = allocate(table);
            table.assign(slot, destination);
            model.unshift({ slot, destination });
          } else if (found !== undefined) {
            table.unassign(found.slot);
            if (kind === 'close') table.free(found.slot);
            else {
              table.assign(found.slot, destination);
              model.unshift({ slot: found.slot, destination });
            }
          }
        }
        assert.equal(table.size, model.length);
        for (const each of destinations) {
          const expected = model.filter(({ destination }) => destination === each).map(({ slot }) => slot);
          assert.deepEqual(table.slotsOf(each), expected);
        }
      }),
    );
  });

  test('leaving no list is harmless', () => {
    const table = new ConnectionTable();
    const slot = allocate(table);
    table.unassign(slot);
    table.free(slot);
    assert.equal(table.size, 0);
  });
});

function allocate(table: ConnectionTable): number {
  return table.allocate(service);
}

function pickDestination(slot: number): LiveDestination {
  return destinations[slot % destinations.length] as LiveDestination;
}
