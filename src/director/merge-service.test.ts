import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { destinationOn, serviceOn, settings } from '../../test/engine/sample-table.ts';
import { MemoryEngine } from '../engines/memory/memory-engine.ts';
import { destinationKey } from '../model/destination.ts';
import type { Operation } from '../model/operation.ts';
import type { Service } from '../model/service.ts';
import { serviceSettings } from '../model/settings.ts';
import type { Weight } from '../model/unit.ts';
import { mergeService } from './merge-service.ts';

const ID = serviceOn('192.0.2.10');

/** Weights by the last number of the address; those that are absent are not there. */
const services = fc
  .tuple(fc.constantFrom('rr', 'wlc'), fc.array(fc.option(fc.nat(2)), { minLength: 5, maxLength: 5 }))
  .map(([scheduler, weights]): Service => {
    const destinations = weights.flatMap((weight, host) =>
      weight === null ? [] : [destinationOn(`10.0.0.${host + 1}`, { weight: weight as Weight })],
    );
    return { id: ID, ...settings({ scheduler }), destinations };
  });

test('of what is to be another thing than before, it makes what is wanted, and leaves the rest as others made it', async () => {
  await fc.assert(
    fc.asyncProperty(services, services, services, async (before, wanted, live) => {
      const engine = new MemoryEngine();
      await engine.execute([
        { kind: 'add-service', service: ID, settings: serviceSettings(live) },
        ...live.destinations.map(
          (destination): Operation => ({ kind: 'add-destination', service: ID, destination }),
        ),
      ]);
      const outcomes = await engine.execute(mergeService(before, wanted, live));
      assert.deepEqual(
        outcomes.filter((outcome) => outcome !== undefined),
        [],
      );
      const after = await engine.service(ID);
      assert.ok(after !== undefined);
      assert.equal(
        after.scheduler,
        before.scheduler === wanted.scheduler ? live.scheduler : wanted.scheduler,
      );
      for (let host = 1; host <= 5; host++) {
        const weightOf = (service: Service) => weightIn(service, host);
        const was = weightOf(before);
        assert.equal(weightOf(after), weightOf(was === weightOf(wanted) ? live : wanted));
      }
    }),
  );
});

test('where nothing is to be another thing, it does nothing', () => {
  fc.assert(
    fc.property(services, services, (same, live) => assert.deepEqual(mergeService(same, same, live), [])),
  );
});

function weightIn({ destinations }: Service, host: number): number | undefined {
  const key = destinationKey(destinationOn(`10.0.0.${host}`));
  return destinations.find((destination) => destinationKey(destination) === key)?.weight;
}
