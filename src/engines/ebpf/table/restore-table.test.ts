import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { whyNoEbpfMaps } from '../../../../test/engine/ebpf-maps.ts';
import { EbpfTableBench } from '../../../../test/engine/ebpf-table-bench.ts';
import {
  destinationOn,
  HOST_PREFIX,
  serviceOn,
  serviceOnMark,
  settings,
} from '../../../../test/engine/sample-table.ts';
import type { Destination } from '../../../model/destination.ts';
import { type DestinationKey, destinationKey } from '../../../model/destination.ts';
import type { Operation } from '../../../model/operation.ts';
import { type ServiceId, serviceKey } from '../../../model/service.ts';
import type { TableSnapshot } from '../../../model/table.ts';
import type { Seconds, Weight } from '../../../model/unit.ts';
import { LiveDestination } from '../../table/live-destination.ts';
import { LiveService } from '../../table/live-service.ts';
import type { DestinationRecord } from '../codec/destination-codec.ts';
import { NO_ID, SELECTION_BODY, SELECTION_STAGE, STAGE_NONE, STAGE_RING } from '../layout.gen.ts';
import { findCompiler } from '../selection/find-compiler.ts';
import { type MapWriter, systemMapWriter } from './map-writer.ts';

const reason = whyNoEbpfMaps();
const skip = reason === undefined ? {} : { skip: reason };
const SMALL = { services: 16, destinations: 32, connections: 1024 };

const SERVICES: readonly ServiceId[] = [
  serviceOn('192.0.2.10'),
  serviceOn('2001:db8::10', 53, 'udp'),
  serviceOnMark(7),
  serviceOn('192.0.2.11', 21),
];
const DESTINATIONS: readonly (readonly Destination[])[] = SERVICES.map((_, n) =>
  [11, 12, 13, 14].map((host) => destinationOn(n === 1 ? `fd00::${host}` : `10.0.${n}.${host}`)),
);

const which = fc.nat(SERVICES.length - 1);
const scheduler = fc.constantFrom('rr', 'wrr', 'wlc', 'sh', 'dh', 'lblc', 'none');
const change = fc.record({ weight: fc.nat(4), upperThreshold: fc.nat(3), direct: fc.boolean() });

/** Operations on a few services and destinations; many are refused, as what they name is not there or there already. */
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ n: which, name: scheduler, persistent: fc.boolean(), editing: fc.boolean() }).map(
      ({ n, name, persistent, editing }): Operation => ({
        kind: editing ? 'edit-service' : 'add-service',
        service: idOf(n),
        settings: settings({
          scheduler: name,
          ...(n === 1 ? { persistenceNetmask: HOST_PREFIX } : {}),
          ...(persistent ? { persistenceTimeout: 300 as Seconds } : {}),
        }),
      }),
    ),
  },
  {
    weight: 8,
    arbitrary: fc.record({ n: which, at: fc.nat(3), editing: fc.boolean(), change }).map(
      ({ n, at, editing, change: { weight, upperThreshold, direct } }): Operation => ({
        kind: editing ? 'edit-destination' : 'add-destination',
        service: idOf(n),
        destination: {
          ...destinationOf(n, at),
          weight: weight as Weight,
          upperThreshold,
          forwarding: direct ? 'direct' : 'masquerade',
        },
      }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.record({ n: which, at: fc.nat(3) }).map(
      ({ n, at }): Operation => ({
        kind: 'delete-destination',
        service: idOf(n),
        destination: destinationOf(n, at),
      }),
    ),
  },
  { weight: 1, arbitrary: which.map((n): Operation => ({ kind: 'delete-service', service: idOf(n) })) },
  { weight: 1, arbitrary: fc.constant<Operation>({ kind: 'flush' }) },
  { weight: 1, arbitrary: fc.constant<Operation>({ kind: 'zero' }) },
);
const batch = fc.array(operation, { maxLength: 12, size: 'max' });

describe('restoring a table', () => {
  test('a process finds the table of the one before', skip, async () => {
    const bench = await EbpfTableBench.open(SMALL);
    try {
      fc.assert(
        fc.property(fc.array(batch, { minLength: 1, maxLength: 4, size: 'max' }), (batches) => {
          bench.done({ kind: 'flush' });
          for (const operations of batches) {
            bench.table.execute(operations);
            const before = bench.table.snapshot();
            assertMapsMatch(bench, before);
            bench.restart();
            assert.deepEqual(bench.table.snapshot(), before);
            assertMapsMatch(bench, before);
          }
        }),
        { numRuns: 40 },
      );
    } finally {
      bench.close();
    }
  });

  test('whatever a crash leaves half done is completed or undone', skip, async () => {
    const bench = await EbpfTableBench.open(SMALL);
    try {
      fc.assert(
        fc.property(batch, batch, fc.nat(12), (first, second, writes) => {
          bench.done({ kind: 'flush' });
          bench.table.execute(first);
          const before = bench.table.snapshot();
          const dying = dyingWriter(writes);
          bench.restart(dying.writer);
          dying.arm();
          let crashed = false;
          try {
            bench.table.execute(second);
          } catch {
            crashed = true;
          }
          assertPacketsFindTheirWay(bench);
          const intended = crashed ? undefined : bench.table.snapshot();
          bench.restart();
          const after = bench.table.snapshot();
          if (intended !== undefined) assert.deepEqual(after, intended);
          assertMapsMatch(bench, after);
          assertBetween(after, before, second);
          bench.restart();
          assert.deepEqual(bench.table.snapshot(), after);
        }),
        { numRuns: 150 },
      );
    } finally {
      bench.close();
    }
  });

  test(
    'a deleted destination comes back with its connections, though its service and its process are gone',
    skip,
    async () => {
      const bench = await EbpfTableBench.open(SMALL);
      try {
        const id = idOf(0);
        const one = destinationOf(0, 0);
        const added: Operation[] = [
          { kind: 'add-service', service: id, settings: settings() },
          { kind: 'add-destination', service: id, destination: one },
        ];
        bench.done(...added);
        const slot = bench.slotOf(one);
        bench.setLive(slot, 4, 0);
        bench.done({ kind: 'delete-service', service: id });
        bench.restart();
        bench.done(...added);
        assert.equal(bench.slotOf(one), slot);
        assert.equal(bench.table.service(id)?.destinations[0]?.activeConnections, 4);
      } finally {
        bench.close();
      }
    },
  );
});

function idOf(n: number): ServiceId {
  const id = SERVICES[n];
  assert.ok(id);
  return id;
}

function destinationOf(n: number, at: number): Destination {
  const destination = DESTINATIONS[n]?.[at];
  assert.ok(destination);
  return destination;
}

/** Dies at a write, and at all that follow; does nothing until it is armed. */
function dyingWriter(writes: number): { writer: MapWriter; arm: () => void } {
  let left = Number.POSITIVE_INFINITY;
  const live = (): void => {
    if (left-- <= 0) throw new Error('killed');
  };
  return {
    arm: () => {
      left = writes;
    },
    writer: {
      update: (...write) => {
        live();
        systemMapWriter.update(...write);
      },
      delete: (...write) => {
        live();
        systemMapWriter.delete(...write);
      },
    },
  };
}

/** What the maps say is the table: ids, settings, and for each service the words that its list compiles to. */
function assertMapsMatch(bench: EbpfTableBench, { services }: TableSnapshot): void {
  const slots = bench.slots();
  const listed = new Set<number>();
  for (const status of services) {
    const record = bench.serviceRecord(status.id);
    assert.ok(record, `${serviceKey(status.id)} is not in the map`);
    const list = new LiveService(status.id, record.settings);
    for (const destination of status.destinations.toReversed()) {
      const found: readonly [number, DestinationRecord] | undefined = [...slots].find(
        ([, slot]) =>
          slot.available &&
          slot.service === record.id &&
          destinationKey(slot.settings) === destinationKey(destination),
      );
      assert.ok(found, `${destinationKey(destination)} has no slot`);
      const [id, slot]: readonly [number, DestinationRecord] = found;
      listed.add(id);
      const live = new LiveDestination(list, slot.settings);
      live.slot = id;
      live.lastWeight = slot.lastWeight;
      list.add(live);
      assert.equal(slot.settings.weight, destination.weight);
    }
    const words = [...findCompiler(record.settings.scheduler).compile(list.destinations)];
    assert.deepEqual(bench.selection(record.id), words);
  }
  for (const [id, slot] of slots) assert.ok(!slot.available || listed.has(id), `slot ${id} is of no list`);
}

/** Every service that a packet finds has a list, and every id in a list a destination. */
function assertPacketsFindTheirWay(bench: EbpfTableBench): void {
  const slots = bench.slots();
  for (const id of SERVICES) {
    const record = bench.serviceRecord(id);
    if (record === undefined) continue;
    const words = bench.selection(record.id);
    if (words[SELECTION_STAGE] === STAGE_NONE || words[SELECTION_STAGE] === STAGE_RING) continue;
    for (const word of words.slice(SELECTION_BODY)) {
      assert.ok(word === NO_ID || slots.get(word)?.available, `${serviceKey(id)} has ${word} in its list`);
    }
  }
}

/** Each service and destination is one of before, or one that an operation names. */
function assertBetween(after: TableSnapshot, before: TableSnapshot, operations: readonly Operation[]): void {
  const known = new Set<string>(namesOf(before));
  for (const each of operations) {
    if (each.kind === 'add-service') known.add(serviceKey(each.service));
    if (each.kind === 'add-destination') known.add(nameOf(each.service, destinationKey(each.destination)));
  }
  for (const name of namesOf(after)) assert.ok(known.has(name), `${name} came from nowhere`);
}

function namesOf({ services }: TableSnapshot): string[] {
  return services.flatMap(({ id, destinations }) => [
    serviceKey(id),
    ...destinations.map((destination) => nameOf(id, destinationKey(destination))),
  ]);
}

function nameOf(id: ServiceId, key: DestinationKey): string {
  return `${serviceKey(id)} -> ${key}`;
}
