import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { savedConfiguration } from '../../src/commands/saved-configuration.ts';
import { parseConfig } from '../../src/config/load-config.ts';
import { Director } from '../../src/director/director.ts';
import { loadEngine, type RunnableEngine } from '../../src/director/engine-registry.ts';
import { RecordedLog } from '../../src/director/recorded-log.ts';
import { EbpfEngine } from '../../src/engines/ebpf/ebpf-engine.ts';
import type { Engine } from '../../src/engines/engine.ts';
import { FakeIpvs } from '../../src/engines/ipvs/fake/fake-ipvs.ts';
import { openIpvsEngine } from '../../src/engines/ipvs/open-ipvs-engine.ts';
import { MemoryEngine } from '../../src/engines/memory/memory-engine.ts';
import { RelayEngine } from '../../src/engines/relay/relay-engine.ts';
import { HostEnvironment } from '../../src/engines/table/environment.ts';
import type { Operation } from '../../src/model/operation.ts';
import { type Service, serviceKey } from '../../src/model/service.ts';
import { DEFAULT_TIMEOUTS, type Table } from '../../src/model/table.ts';
import type { Weight } from '../../src/model/unit.ts';
import { openEbpfMaps, whyNoEbpfMaps } from '../engine/ebpf-maps.ts';
import { destinationOn, serviceOn, settings } from '../engine/sample-table.ts';
import { tableArbitrary } from '../engine/table-arbitrary.ts';
import { operationConformance } from './operation-conformance.ts';
import { RefusingEngine } from './refusing-engine.ts';

const environment = new HostEnvironment();

/** What a director does with a configuration, on every engine. */
function directorConformance(name: RunnableEngine, open: () => Promise<Engine>, tables: fc.Arbitrary<Table>) {
  describe(`a director on ${name}`, () => {
    test('has nothing left to change after an apply, a drift check, and a save', async () => {
      await fc.assert(
        fc.asyncProperty(tables, tables, async (from, to) => {
          await withDirector(open, await allowed(name, from), async (director, log) => {
            const wanted = await allowed(name, to);
            await director.apply(wanted);
            log.take();
            assert.deepEqual(await director.plan(wanted), []);
            await director.checkDrift();
            assert.deepEqual(log.take(), []);
            const saved = parseConfig(
              savedConfiguration(await director.configuration(), await director.wanted(), name),
              'saved',
            );
            assert.deepEqual(await director.plan(saved.table), []);
          });
        }),
        { numRuns: 15 },
      );
    });

    test('has the table as it was after a refusal at any step', async () => {
      await fc.assert(
        fc.asyncProperty(tables, tables, async (from, to) => {
          const [before, wanted] = [await allowed(name, from), await allowed(name, to)];
          await withDirector(open, before, async (director, _log, engine) => {
            const steps = (await director.plan(wanted)).length;
            for (let step = 0; step < steps; step += 1) {
              engine.refusesIn = step;
              await assert.rejects(director.apply(wanted), { code: 'APPLY_REFUSED' });
              engine.refusesIn = Number.POSITIVE_INFINITY;
              assert.deepEqual(await director.plan(before), []);
              const { services } = await engine.snapshot();
              assert.equal(services.length, before.services.length);
            }
          });
        }),
        { numRuns: 8 },
      );
    });
  });
}

const openMemory = async () => new MemoryEngine({ environment });
directorConformance('memory', openMemory, tableArbitrary(3));
operationConformance('memory', openMemory, serviceOn('192.0.2.10'));

const settingsDirectory = mkdtempSync(join(tmpdir(), 'vipr-director-'));
writeFileSync(join(settingsDirectory, 'expire_nodest_conn'), '0\n');
after(() => rmSync(settingsDirectory, { recursive: true }));
const openIpvs = () => openIpvsEngine({ settingsDirectory }, new FakeIpvs({ environment }).modules);
directorConformance('ipvs', openIpvs, tableArbitrary(3));
operationConformance('ipvs', openIpvs, serviceOn('192.0.2.10'));

const reason = whyNoEbpfMaps();
if (reason === undefined) {
  directorConformance('ebpf', openEbpf, tableArbitrary(3));
  operationConformance('ebpf', openEbpf, serviceOn('192.0.2.10'));
} else test('a director on ebpf', { skip: reason }, () => undefined);

const ports = await freePorts(3);
const openRelay = () => RelayEngine.start({ workers: 1 });
directorConformance('relay', openRelay, relayTables(ports));
operationConformance('relay', openRelay, serviceOn('127.0.0.1', ports[0]));

test('on the relay a service moves between all addresses and one of them', async () => {
  const [port = 0] = ports;
  const [all, one] = ['0.0.0.0', '127.0.0.1'].map((address): Table => {
    const id = serviceOn(address, port);
    return { services: [{ id, ...settings(), destinations: [] }], timeouts: DEFAULT_TIMEOUTS };
  });
  assert.ok(all !== undefined && one !== undefined);
  await withDirector(
    () => RelayEngine.start({ workers: 1 }),
    all,
    async (director, _log, engine) => {
      for (const next of [one, all]) {
        await director.apply(next);
        assert.deepEqual(await director.plan(next), []);
      }
      engine.refusesIn = 1;
      await assert.rejects(director.apply(one), { code: 'APPLY_REFUSED' });
      assert.deepEqual(await director.plan(all), []);
    },
  );
});

async function withDirector(
  open: () => Promise<Engine>,
  table: Table,
  use: (director: Director, log: RecordedLog, engine: RefusingEngine) => Promise<void>,
): Promise<void> {
  const engine = new RefusingEngine(await open());
  const log = new RecordedLog();
  const director = new Director({ engineReason: 'a test', version: '1.2.3' }, { engine, logger: log.logger });
  try {
    await director.start(table);
    assert.deepEqual(log.take(), []);
    await use(director, log, engine);
  } finally {
    await director.close(0);
  }
}

/** A table without what the engine cannot do. */
async function allowed(name: RunnableEngine, table: Table): Promise<Table> {
  const { refuse } = await loadEngine(name);
  const takes = (operation: Operation) => {
    try {
      refuse(operation);
      return true;
    } catch {
      return false;
    }
  };
  const services = table.services.flatMap((service): Service[] => {
    const { id, destinations, ...rest } = service;
    if (!takes({ kind: 'add-service', service: id, settings: rest })) return [];
    return [
      {
        ...service,
        destinations: destinations.filter((destination) => {
          return takes({ kind: 'add-destination', service: id, destination });
        }),
      },
    ];
  });
  return { ...table, services };
}

async function openEbpf(): Promise<EbpfEngine> {
  const { close, ...opened } = await openEbpfMaps();
  return new EbpfEngine({
    ...opened,
    environment,
    now: () => performance.now(),
    wallClock: Date.now,
    unprivilegedPortStart: 1024,
    dataPlane: {
      destinationAdded: () => undefined,
      destinationRemoved: () => undefined,
      close: async () => close(),
    },
  });
}

/** Tables of services on loopback, whose sockets the relay opens. */
function relayTables(ports: readonly number[]): fc.Arbitrary<Table> {
  const destinations = fc.uniqueArray(
    fc.tuple(fc.integer({ min: 2, max: 5 }), fc.nat(3)).map(([host, weight]) => {
      return destinationOn(`127.0.0.${host}`, { weight: weight as Weight });
    }),
    { selector: ({ address }) => address, maxLength: 3 },
  );
  const service = fc
    .tuple(
      fc.constantFrom(...ports),
      fc.constantFrom('tcp', 'udp'),
      fc.constantFrom('rr', 'wlc', 'sh'),
      destinations,
    )
    .map(([port, protocol, scheduler, servers]): Service => {
      return {
        id: serviceOn('127.0.0.1', port, protocol),
        ...settings({ scheduler }),
        destinations: servers,
      };
    });
  return fc
    .uniqueArray(service, { selector: ({ id }) => serviceKey(id), maxLength: 3 })
    .map((services) => ({ services, timeouts: DEFAULT_TIMEOUTS }));
}

/** Ports that nothing listened on just now. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  const found = servers.map(async (server) => {
    await new Promise((resolve) => server.once('listening', resolve));
    return (server.address() as { readonly port: number }).port;
  });
  const free = await Promise.all(found);
  for (const server of servers) server.close();
  return free;
}
