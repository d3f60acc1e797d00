import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { destinationOn, ip, serviceOn, serviceOnMark, settings } from '../../test/engine/sample-table.ts';
import type { Explanation } from '../api/operated-director.ts';
import { MemoryEngine } from '../engines/memory/memory-engine.ts';
import type { ConnectionEntry } from '../model/connection.ts';
import type { ServiceId, ServiceSettings } from '../model/service.ts';
import { NO_STATISTICS } from '../model/statistics.ts';
import type { DestinationStatus, ServiceStatus } from '../model/table.ts';
import type { Port, Seconds, Weight } from '../model/unit.ts';
import { FakeService } from '../scheduling/fake-service.ts';
import { schedulerNames } from '../scheduling/registry.ts';
import type { ExplainedService } from './explain-candidates.ts';
import { explainClient } from './explain-client.ts';
import { maskedAddress } from './masked-address.ts';

const ID = serviceOn('192.0.2.10');
const CLIENT = ip('198.51.100.7');

function explained(
  destinations: readonly DestinationStatus[],
  changes: Partial<ServiceSettings> = {},
  more: Partial<ExplainedService> = {},
  id: ServiceId = ID,
): ExplainedService {
  const live: ServiceStatus = { id, ...settings(changes), destinations, statistics: NO_STATISTICS };
  return { live, wanted: live, health: undefined, isDrained: () => false, ...more };
}

function server(host: number, changes: Partial<DestinationStatus> = {}): DestinationStatus {
  return {
    ...destinationOn(`10.0.0.${host}`),
    activeConnections: 0,
    inactiveConnections: 0,
    persistentConnections: 0,
    statistics: NO_STATISTICS,
    ...changes,
  };
}

function entry(clientPort: number, host: number, changes: Partial<ConnectionEntry> = {}): ConnectionEntry {
  return {
    protocol: 'tcp',
    clientAddress: CLIENT,
    clientPort: clientPort as Port,
    virtualAddress: ip('192.0.2.10'),
    virtualPort: 80 as Port,
    destinationAddress: ip(`10.0.0.${host}`),
    destinationPort: 80 as Port,
    state: 'ESTABLISHED',
    expiresIn: 42,
    ...changes,
  };
}

async function* pages(...entries: readonly ConnectionEntry[]): AsyncIterable<readonly ConnectionEntry[]> {
  for (const each of entries) yield [each];
}

async function answer(
  service: ExplainedService,
  client: Explanation['client'],
  ...entries: readonly ConnectionEntry[]
): Promise<[string, string | undefined, boolean]> {
  const { by, destination, certain } = await explainClient(service, client, pages(...entries));
  return [by, destination, certain];
}

const weight = (value: number) => ({ weight: value as Weight });

describe('explaining', () => {
  test('a connection goes where it goes, whatever else holds', async () => {
    const service = explained([server(1), server(2, weight(0))], { persistenceTimeout: 300 as Seconds });
    const other = entry(7000, 1, { virtualPort: 81 as Port });
    const client = { address: CLIENT, port: 7000 as Port };
    assert.deepEqual(await answer(service, client, other, entry(0, 1), entry(7000, 2)), [
      'connection',
      '10.0.0.2:80',
      true,
    ]);
    assert.deepEqual(await answer(service, client, other), ['scheduler', '10.0.0.1:80', true]);
  });

  test('is done as soon as the connection is found', async () => {
    async function* endless(): AsyncIterable<readonly ConnectionEntry[]> {
      yield [entry(7000, 2)];
      throw new Error('another page was asked for');
    }
    const explanation = await explainClient(
      explained([server(2)]),
      { address: CLIENT, port: 7000 as Port },
      endless(),
    );
    assert.equal(explanation.by, 'connection');
  });

  test('connections of other ports are told, and the next one is scheduled', async () => {
    const many = Array.from({ length: 8 }, (_, index) => entry(7000 + index, 2));
    const { by, reasons } = await explainClient(
      explained([server(1), server(2)]),
      { address: CLIENT },
      pages(...many),
    );
    assert.equal(by, 'scheduler');
    assert.equal(reasons[0], '198.51.100.7:7000 has a connection to 10.0.0.2:80: ESTABLISHED, 42 s left.');
    assert.equal(reasons[5], 'So have 3 other ports of the client.');
  });

  test('a template by netmask leads a client to its server, also one of weight 0, but not to a deleted one', async () => {
    const persistence = { persistenceTimeout: 300 as Seconds, persistenceNetmask: ip('255.255.255.0') };
    const service = explained([server(1), server(2, weight(0))], persistence);
    const template = entry(0, 2, { clientAddress: ip('198.51.100.0') });
    assert.deepEqual(await answer(service, { address: CLIENT }, template), ['template', '10.0.0.2:80', true]);
    const deleted = entry(0, 3, { clientAddress: ip('198.51.100.0') });
    assert.deepEqual(await answer(service, { address: CLIENT }, deleted), ['scheduler', '10.0.0.1:80', true]);
    const stranger = entry(0, 2, { clientAddress: ip('198.51.101.0') });
    assert.deepEqual(await answer(service, { address: CLIENT }, stranger), [
      'scheduler',
      '10.0.0.1:80',
      true,
    ]);
    const mark = explained([server(1), server(2)], persistence, {}, serviceOnMark(6));
    const ofMark = { ...template, protocol: 'ip', virtualAddress: { fwmark: 6 as never } } as const;
    assert.deepEqual(await answer(mark, { address: CLIENT }, ofMark), ['template', '10.0.0.2:80', true]);
  });

  test('says why each destination is out', async () => {
    const live = [
      server(1, weight(0)),
      server(2, weight(0)),
      server(3, weight(0)),
      server(4, { upperThreshold: 5, activeConnections: 3, inactiveConnections: 2 }),
      server(5, weight(0)),
    ];
    const service = explained(
      live,
      {},
      {
        wanted: {
          id: ID,
          ...settings(),
          destinations: [1, 2, 3, 4, 6].map((host) =>
            destinationOn(`10.0.0.${host}`, weight(host === 3 ? 0 : 1)),
          ),
        },
        isDrained: (key) => key === '10.0.0.1:80',
        health: {
          service: 'tcp 192.0.2.10:80' as never,
          quorum: { state: 'up', needed: 1, hysteresis: 0, alive: 1 },
          destinations: ['10.0.0.2:80', '10.0.0.6:80'].map((key) => ({
            destination: key as never,
            role: 'real',
            state: 'down',
            since: '',
            configuredWeight: 1,
            checks: [
              {
                kind: 'tcp',
                target: '',
                state: 'down',
                since: '',
                detail: 'connection refused',
                attempts: 1,
                failures: 1,
              },
            ],
          })),
        },
      },
    );
    const { by, certain, reasons, candidates } = await explainClient(service, { address: CLIENT }, pages());
    assert.deepEqual([by, certain], ['none', true]);
    assert.match(reasons.join(' '), /No destination takes new connections\./);
    assert.deepEqual(
      candidates.map(({ destination, eligible, why }) => [destination, eligible, why]),
      [
        ['10.0.0.1:80', false, 'weight 0: draining'],
        ['10.0.0.2:80', false, 'weight 0: down: connection refused'],
        ['10.0.0.3:80', false, 'weight 0: so it is wanted'],
        ['10.0.0.4:80', false, 'its threshold of 5 connections is reached'],
        ['10.0.0.5:80', false, 'weight 0: set by an operator'],
        ['10.0.0.6:80', false, 'removed: down: connection refused'],
      ],
    );
  });

  test('hashing is certain where it is known what is hashed', async () => {
    const servers = [server(1), server(2), server(3)];
    const byPort = { scheduler: 'sh', schedulerFlags: { flag1: false, flag2: true, flag3: false } };
    assert.equal((await answer(explained(servers, { scheduler: 'mh' }), { address: CLIENT }))[2], true);
    assert.equal((await answer(explained(servers, { scheduler: 'dh' }), { address: CLIENT }))[2], true);
    assert.equal((await answer(explained(servers, byPort), { address: CLIENT }))[2], false);
    assert.equal(
      (await answer(explained(servers, byPort), { address: CLIENT, port: 7000 as Port }))[2],
      true,
    );
    const mark = explained(servers, { scheduler: 'dh' }, {}, serviceOnMark(6));
    assert.equal((await answer(mark, { address: CLIENT }))[2], false);
    const between = server(4, { upperThreshold: 10, lowerThreshold: 4, activeConnections: 6 });
    assert.equal((await answer(explained([between], { scheduler: 'wlc' }), { address: CLIENT }))[2], false);
  });

  test('what is certain is what the scheduler chooses', async () => {
    const loads = fc.array(fc.record({ weight: fc.nat(3), active: fc.nat(9), inactive: fc.nat(900) }), {
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...schedulerNames),
        loads,
        fc.nat(65_535),
        async (scheduler, found, port) => {
          const fake = new FakeService(scheduler);
          for (const { weight: share, active, inactive } of found) {
            fake.add({ weight: share, activeConnections: active, inactiveConnections: inactive });
          }
          const live = fake.destinations.map((each) => {
            return server(1, {
              address: each.address as never,
              port: each.port as Port,
              weight: each.weight as Weight,
              activeConnections: each.activeConnections,
              inactiveConnections: each.inactiveConnections,
            });
          });
          const [by, to, certain] = await answer(explained(live, { scheduler }), {
            address: CLIENT,
            port: port as Port,
          });
          if (!certain) return;
          const chosen = fake.schedule({
            clientAddress: CLIENT,
            clientPort: port,
            virtualAddress: '192.0.2.10',
          });
          assert.equal(to, chosen && `${chosen.address}:${chosen.port}`);
          assert.equal(by, chosen === undefined ? 'none' : 'scheduler');
        },
      ),
      { numRuns: 300 },
    );
  });

  test('every scheduler has an explanation', async () => {
    assert.deepEqual((await new MemoryEngine().info()).capabilities.schedulers, [...schedulerNames, 'none']);
    for (const scheduler of [...schedulerNames, 'none']) {
      const { reasons } = await explainClient(
        explained([server(1)], { scheduler }),
        { address: CLIENT },
        pages(),
      );
      assert.doesNotMatch(reasons.join(' '), /undefined|it chooses\./, scheduler);
    }
  });
});

test('a netmask or a prefix leaves of an address what a template has', () => {
  assert.equal(maskedAddress(ip('198.51.100.7'), ip('255.255.0.255')), '198.51.0.7');
  assert.equal(maskedAddress(ip('2001:db8::7:1'), 112 as never), '2001:db8::7:0');
  assert.equal(maskedAddress(ip('2001:db8::7'), 128 as never), '2001:db8::7');
  assert.equal(maskedAddress(ip('2001:dbf::7'), 31 as never), '2001:dbe::');
});
