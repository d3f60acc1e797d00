import assert from 'node:assert/strict';
import type { Destination } from '../../src/model/destination.ts';
import type { ServiceId } from '../../src/model/service.ts';
import { type Bench, type Check, found, weight, withDestinations } from './conformance-bench.ts';

export function destinationChecks(check: Check): void {
  check('the newest comes first, and an edit moves nobody', async (bench) => {
    const id = bench.service(0);
    await bench.done(...withDestinations(bench, id, 4));
    const newestFirst = [3, 2, 1, 0].map((n) => bench.destination(n).address);
    assert.deepEqual(await addresses(bench, id), newestFirst);
    await bench.done({ kind: 'edit-destination', service: id, destination: bench.destination(1, weight(7)) });
    assert.deepEqual(await addresses(bench, id), newestFirst);
    assert.deepEqual(
      (await found(bench, id)).destinations.map((destination) => destination.weight),
      [1, 1, 7, 1],
    );
  });

  check('one that was deleted and added again comes first', async (bench) => {
    const id = bench.service(0);
    const again = bench.destination(0, weight(5));
    await bench.done(
      ...withDestinations(bench, id, 3),
      { kind: 'delete-destination', service: id, destination: again },
      { kind: 'add-destination', service: id, destination: again },
    );
    assert.deepEqual(
      await addresses(bench, id),
      [0, 2, 1].map((n) => bench.destination(n).address),
    );
    assert.equal((await found(bench, id)).destinations[0]?.weight, 5);
  });

  check('one has the settings that it was added with, then those of its edit', async (bench) => {
    const id = bench.service(0);
    const added = bench.destination(0, { ...weight(2 ** 31 - 1), upperThreshold: 70000, lowerThreshold: 5 });
    await bench.done(...withDestinations(bench, id, 0), {
      kind: 'add-destination',
      service: id,
      destination: added,
    });
    assert.deepEqual(await onlyDestination(bench, id), added);
    const edited = bench.destination(0, weight(0));
    await bench.done({ kind: 'edit-destination', service: id, destination: edited });
    assert.deepEqual(await onlyDestination(bench, id), edited);
  });

  check('the port is part of the identity', async (bench) => {
    const id = bench.service(0);
    const first = bench.destination(0);
    const second = bench.destination(0, { port: (first.port + 1) as Destination['port'] });
    await bench.done(
      ...withDestinations(bench, id, 1),
      { kind: 'add-destination', service: id, destination: second },
      { kind: 'delete-destination', service: id, destination: first },
    );
    assert.deepEqual(await onlyDestination(bench, id), second);
  });

  check('an edit that says nothing of the PROXY protocol keeps it', async (bench, t) => {
    if (!bench.capabilities.proxyProtocol) return t.skip('the engine has no PROXY protocol');
    const id = bench.service(0);
    await bench.done(
      ...withDestinations(bench, id, 0),
      { kind: 'add-destination', service: id, destination: bench.destination(0, { proxyProtocol: 'v2' }) },
      { kind: 'edit-destination', service: id, destination: bench.destination(0, weight(3)) },
    );
    const kept = await onlyDestination(bench, id);
    assert.deepEqual(kept, bench.destination(0, { ...weight(3), proxyProtocol: 'v2' }));
    const off = bench.destination(0, { proxyProtocol: 'off' });
    await bench.done({ kind: 'edit-destination', service: id, destination: off });
    assert.equal((await onlyDestination(bench, id)).proxyProtocol, 'off');
  });

  check('a tunnel takes a destination of the other family', async (bench, t) => {
    const { forwarding, families } = bench.capabilities;
    if (!forwarding.includes('tunnel')) return t.skip('the engine has no tunnels');
    if (families.length < 2) return t.skip('the engine has one address family');
    const id = bench.service(0);
    const other = bench.destination(0, { forwarding: 'tunnel' }, 'inet6');
    await bench.done(...withDestinations(bench, id, 0), {
      kind: 'add-destination',
      service: id,
      destination: other,
    });
    assert.deepEqual(await onlyDestination(bench, id), other);
  });
}

async function addresses(bench: Bench, id: ServiceId): Promise<string[]> {
  return (await found(bench, id)).destinations.map((destination) => destination.address);
}

/** The configuration of the service's only destination, which must have no connections. */
async function onlyDestination(bench: Bench, id: ServiceId): Promise<Destination> {
  const { destinations } = await found(bench, id);
  assert.equal(destinations.length, 1);
  const [only] = destinations;
  assert.ok(only);
  const { activeConnections, inactiveConnections, persistentConnections, statistics, ...held } = only;
  assert.deepEqual([activeConnections, inactiveConnections, persistentConnections], [0, 0, 0]);
  assert.equal(statistics.counters.connections, 0n);
  return held;
}
