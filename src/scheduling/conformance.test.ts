import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type FakeRequest, FakeService } from './fake-service.ts';
import { randomFrom } from './random-from.ts';
import { findScheduler, schedulerNames } from './registry.ts';

/** Remember a destination and use it again without a look at its threshold. */
const IGNORE_THRESHOLDS_OF_REMEMBERED: readonly string[] = ['lblc'];

/** May refuse a connection although some destination is eligible. */
const MAY_REFUSE: readonly string[] = ['dh', 'ovf', 'sh', 'mh'];

test('the registry has every scheduler of IPVS, each under its own name', () => {
  const expected = 'rr wrr lc wlc lblc lblcr dh sh sed nq fo ovf mh twos';
  assert.deepEqual([...schedulerNames].sort(), expected.split(' ').sort());
  for (const name of schedulerNames) assert.equal(findScheduler(name)?.name, name);
});

test('every scheduler has a file of its name', () => {
  const files = readdirSync(import.meta.dirname);
  for (const name of schedulerNames) assert.ok(files.includes(`${name}.ts`), `${name}.ts is missing`);
});

test('none and unknown names are not schedulers', () => {
  for (const name of ['none', '', 'RR', 'rr ', 'constructor']) assert.equal(findScheduler(name), undefined);
});

for (const name of schedulerNames) {
  describe(name, () => {
    test('chooses nobody from an empty list', () => {
      assert.equal(new FakeService(name).schedule(), undefined);
    });

    test('chooses the only destination again and again', () => {
      const service = new FakeService(name);
      const only = service.add({ weight: 3 });
      for (let time = 0; time < 5; time++) assert.equal(service.schedule(), only);
    });

    test('never chooses a destination of weight 0', () => {
      const service = new FakeService(name, { random: randomFrom(1) });
      service.add({ weight: 0 });
      const quiesced = service.add({ weight: 5 });
      service.setWeight(quiesced, 0);
      for (const client of clients(50)) assert.equal(service.schedule(client), undefined);
    });

    test('never chooses a destination above its threshold', () => {
      const service = new FakeService(name);
      const full = service.add({ weight: 5 });
      full.overloaded = true;
      for (const client of clients(50)) assert.equal(service.schedule(client), undefined);
    });

    test('never chooses a deleted destination, also not one that it chose before', () => {
      const service = new FakeService(name, { flags: { flag1: true } });
      const kept = service.add({ weight: 1 });
      const deleted = service.add({ weight: 9 });
      for (const client of clients(50)) service.schedule(client);
      service.delete(deleted);
      for (const client of clients(50)) assert.ok([kept, undefined].includes(service.schedule(client)));
      service.delete(kept);
      assert.equal(service.schedule(), undefined);
    });

    test('takes over a list that was there before it', () => {
      const service = new FakeService('rr', { flags: { flag1: true } });
      service.add({ weight: 0 });
      const only = service.add({ weight: 2 });
      service.bind(name);
      // dh deals by turns, so that some addresses belong to the destination of weight 0.
      const choices = clients(50).map((client) => service.schedule(client));
      assert.ok(choices.includes(only));
      assert.ok(choices.every((choice) => choice === only || choice === undefined));
    });

    test('keeps its promises whatever happens to the list', () => {
      fc.assert(
        fc.property(
          fc.array(step, { maxLength: 80, size: 'max' }),
          fc.boolean(),
          fc.boolean(),
          (steps, flag1, flag2) => {
            const service = new FakeService(name, {
              flags: { flag1, flag2 },
              random: randomFrom(steps.length),
            });
            for (const taken of steps) take(taken, service, name);
          },
        ),
        { numRuns: 200 },
      );
    });
  });
}

/** Requests of as many clients, each to an address of its own. */
function clients(count: number): FakeRequest[] {
  return Array.from({ length: count }, (_, host) => ({
    clientAddress: `10.1.0.${host}`,
    clientPort: 1024 + host,
    virtualAddress: `192.0.2.${host}`,
  }));
}

type Step =
  | { readonly kind: 'add'; readonly weight: number; readonly upperThreshold: number }
  | { readonly kind: 'edit'; readonly at: number; readonly weight: number }
  | { readonly kind: 'delete' | 'close'; readonly at: number }
  | { readonly kind: 'connect'; readonly request: FakeRequest; readonly active: boolean }
  | { readonly kind: 'wait'; readonly milliseconds: number };

const weight = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constantFrom(100, 65535, 2 ** 31 - 1));
const at = fc.nat(1000);

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('add' as const),
    weight,
    upperThreshold: fc.constantFrom(0, 0, 1, 3),
  }),
  fc.record({ kind: fc.constant('edit' as const), at, weight }),
  fc.record({ kind: fc.constantFrom('delete' as const, 'close' as const), at }),
  fc.record({ kind: fc.constant('wait' as const), milliseconds: fc.nat(2 * 24 * 3600 * 1000) }),
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('connect' as const),
      request: fc.constantFrom(...clients(20)),
      active: fc.boolean(),
    }),
  },
);

function take(taken: Step, service: FakeService, scheduler: string): void {
  const { destinations } = service;
  switch (taken.kind) {
    case 'add':
      service.add({ weight: taken.weight, upperThreshold: taken.upperThreshold });
      return;
    case 'wait':
      service.now += taken.milliseconds;
      return;
    case 'connect':
      connect(service, scheduler, taken.request, taken.active);
      return;
    case 'edit':
    case 'delete':
    case 'close': {
      const destination = destinations[taken.at % destinations.length];
      if (destination === undefined) return;
      if (taken.kind === 'edit') service.setWeight(destination, taken.weight);
      else if (taken.kind === 'delete') service.delete(destination);
      else if (destination.activeConnections > 0) service.close(destination);
      return;
    }
    default:
      taken satisfies never;
      throw new Error(`unknown step ${JSON.stringify(taken)}`);
  }
}

/** Lets the service choose, and checks the choice against the state that the scheduler saw. */
function connect(service: FakeService, scheduler: string, request: FakeRequest, active: boolean): void {
  const before = service.destinations.map((destination) => ({ ...destination }));
  const chosen = service.schedule(request);
  assert.deepEqual(service.destinations, before, 'the scheduler changed a destination');

  if (chosen === undefined) {
    const eligible = before.filter(({ weight, overloaded }) => weight > 0 && !overloaded);
    if (!MAY_REFUSE.includes(scheduler)) assert.deepEqual(eligible, [], 'refused in spite of these');
    return;
  }
  assert.ok(service.destinations.includes(chosen), 'not of the list');
  assert.ok(chosen.weight > 0, 'of weight 0');
  if (!IGNORE_THRESHOLDS_OF_REMEMBERED.includes(scheduler)) assert.ok(!chosen.overloaded, 'above threshold');
  service.open(chosen, active ? 'active' : 'inactive');
}
