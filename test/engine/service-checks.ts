import assert from 'node:assert/strict';
import type { Seconds } from '../../src/model/unit.ts';
import { type Check, found, withDestinations } from './conformance-bench.ts';
import { ip, serviceOnMark } from './sample-table.ts';

export function serviceChecks(check: Check): void {
  check('every scheduler of the capabilities can be used', async (bench) => {
    const { capabilities } = bench;
    assert.ok(capabilities.schedulers.includes('rr'));
    const id = bench.service(0);
    await bench.done({ kind: 'add-service', service: id, settings: bench.settings(id) });
    for (const scheduler of capabilities.schedulers) {
      await bench.done({ kind: 'edit-service', service: id, settings: bench.settings(id, { scheduler }) });
      assert.equal((await found(bench, id)).scheduler, scheduler);
    }
  });

  check('a service has the settings that it was added with', async (bench) => {
    for (const family of bench.capabilities.families) {
      const id = bench.service(0, family);
      const given = bench.settings(id, {
        scheduler: 'sh',
        schedulerFlags: { flag1: true, flag2: true, flag3: false },
        persistenceTimeout: 300 as Seconds,
      });
      await bench.done({ kind: 'add-service', service: id, settings: given });
      const { id: heldId, destinations, statistics, ...held } = await found(bench, id);
      assert.deepEqual(heldId, id);
      assert.deepEqual(held, given);
      assert.deepEqual(destinations, []);
      assert.equal(statistics.counters.connections, 0n);
    }
  });

  check('an edit replaces every setting and keeps the destinations', async (bench) => {
    const id = bench.service(0);
    await bench.done(
      {
        kind: 'add-service',
        service: id,
        settings: bench.settings(id, { scheduler: 'wrr', persistenceTimeout: 60 as Seconds }),
      },
      { kind: 'add-destination', service: id, destination: bench.destination(0) },
    );
    const edited = bench.settings(id, { scheduler: 'lc', persistenceNetmask: ip('255.255.255.0') });
    await bench.done({ kind: 'edit-service', service: id, settings: edited });
    const { id: _, destinations, statistics: __, ...held } = await found(bench, id);
    assert.deepEqual(held, edited);
    assert.equal(destinations.length, 1);
  });

  check('a service that was deleted is gone, with its destinations', async (bench) => {
    const id = bench.service(0);
    await bench.done(
      ...withDestinations(bench, id, 2),
      { kind: 'delete-service', service: id },
      { kind: 'add-service', service: id, settings: bench.settings(id) },
    );
    assert.deepEqual((await found(bench, id)).destinations, []);
    await bench.done({ kind: 'delete-service', service: id });
    assert.equal(await bench.engine.service(id), undefined);
    assert.deepEqual((await bench.engine.snapshot()).services, []);
  });

  check('service() answers what snapshot() holds', async (bench) => {
    const id = bench.service(0);
    assert.equal(await bench.engine.service(id), undefined);
    await bench.done(...withDestinations(bench, id, 3), ...withDestinations(bench, bench.service(1), 1));
    const { services } = await bench.engine.snapshot();
    assert.equal(services.length, 2);
    for (const service of services) assert.deepEqual(await bench.engine.service(service.id), service);
  });

  check('a firewall mark is a service of each family, listed after the addresses', async (bench, t) => {
    if (!bench.capabilities.fwmark) return t.skip('the engine has no firewall marks');
    const ids = [serviceOnMark(3), bench.service(0), serviceOnMark(3, 'inet6'), bench.service(1)];
    for (const id of ids) await bench.done(...withDestinations(bench, id, 1));
    const { services } = await bench.engine.snapshot();
    assert.deepEqual(
      services.map((service) => service.id.kind),
      ['address', 'address', 'fwmark', 'fwmark'],
    );
    assert.deepEqual((await found(bench, serviceOnMark(3, 'inet6'))).id, serviceOnMark(3, 'inet6'));
  });
}
