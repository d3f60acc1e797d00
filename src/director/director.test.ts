import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeEngine } from '../api/fake-engine.ts';
import { parseConfig } from '../config/load-config.ts';
import type { OperationOutcome } from '../engines/engine.ts';
import { MemoryEngine } from '../engines/memory/memory-engine.ts';
import { ViprError } from '../model/error.ts';
import type { Operation } from '../model/operation.ts';
import { parseServiceKey } from '../model/parse-service-key.ts';
import { NO_SCHEDULER_FLAGS, type ServiceId, type ServiceSettings, serviceKey } from '../model/service.ts';
import type { FirewallMark, Seconds, Weight } from '../model/unit.ts';
import { Director } from './director.ts';
import { RecordedLog } from './recorded-log.ts';

const WEB = serviceId('tcp 192.0.2.10:80');
const DNS = serviceId('udp 192.0.2.10:53');
const CONFIG = `
timeouts: { udp: 30 }
services:
  - service: tcp 192.0.2.10:80
    destinations: [{ address: 10.0.0.1:80 }, { address: 10.0.0.2:80, weight: 2 }]
  - service: udp 192.0.2.10:53
    destinations: [{ address: 10.0.0.3:53 }]
`;
const table = parseConfig(CONFIG, 'vipr.yaml').table;

function directorOf(engine = new MemoryEngine() as FakeEngine | MemoryEngine, level = 'info') {
  const log = new RecordedLog(level);
  const options = { engineReason: 'a test asked for it', version: '1.2.3', configFile: '/etc/vipr.yaml' };
  return { director: new Director(options, { engine, logger: log.logger }), log };
}

/** Refuses to bind one service, as an engine does whose address is taken. */
class BusyEngine extends FakeEngine {
  busy = true;

  override async execute(operations: readonly Operation[]): Promise<OperationOutcome[]> {
    const outcomes = await super.execute(operations);
    return operations.map((operation, index) => {
      if (!this.busy || !('service' in operation) || operation.service === undefined) return outcomes[index];
      if (serviceKey(operation.service) !== serviceKey(WEB)) return outcomes[index];
      return operation.kind === 'add-service'
        ? new ViprError('ADDRESS_IN_USE', 'tcp 192.0.2.10:80: the port is taken', { hint: 'Free it.' })
        : new ViprError('SERVICE_NOT_FOUND', 'tcp 192.0.2.10:80: no such service');
    });
  }
}

test("the configuration's table is what the engine has then, in the same order", async () => {
  const { director, log } = directorOf();
  await director.start(table);
  const { services, timeouts } = await director.snapshot();
  assert.deepEqual(timeouts, { tcp: 900, tcpfin: 120, udp: 30 });
  assert.deepEqual(
    new Map(
      services.map(({ id, destinations }) => [serviceKey(id), destinations.map(({ address }) => address)]),
    ),
    new Map([
      ['udp 192.0.2.10:53', ['10.0.0.3']],
      ['tcp 192.0.2.10:80', ['10.0.0.2', '10.0.0.1']],
    ]),
  );
  assert.deepEqual(log.take(), []);
});

test('a service that cannot be bound is logged once and a fault; the others run', async () => {
  const engine = new BusyEngine();
  const { director, log } = directorOf(engine);
  await director.start(table);
  assert.deepEqual(log.take(), ['error tcp 192.0.2.10:80: the port is taken']);
  assert.deepEqual(
    [...(await director.faults())],
    [['tcp 192.0.2.10:80', 'tcp 192.0.2.10:80: the port is taken']],
  );
  assert.ok((await director.service(DNS)) !== undefined);
});

test('a fault ends when somebody adds the service', async () => {
  const engine = new BusyEngine();
  const { director } = directorOf(engine);
  await director.start(table);
  await director.execute([{ kind: 'add-service', service: WEB, settings: settings() }]);
  assert.equal((await director.faults()).size, 1);
  engine.busy = false;
  engine.services.clear();
  await director.execute([{ kind: 'add-service', service: WEB, settings: settings() }]);
  assert.equal((await director.faults()).size, 0);
});

test("a fault ends with a flush, the engine's own stay", async () => {
  const engine = new BusyEngine();
  engine.knownFaults.set(serviceKey(DNS), 'the address is not local');
  const { director, log } = directorOf(engine);
  await director.start(table);
  assert.deepEqual(log.take(), [
    'error tcp 192.0.2.10:80: the port is taken',
    'error udp 192.0.2.10:53 takes no traffic: the address is not local',
  ]);
  assert.equal((await director.faults()).size, 2);
  await director.execute([{ kind: 'flush' }]);
  assert.deepEqual([...(await director.faults()).keys()], [serviceKey(DNS)]);
});

test('a director says who it is', () => {
  const { pid, version, engineReason, configFile, startedAt } = directorOf().director.describe();
  assert.deepEqual([pid, version, engineReason], [process.pid, '1.2.3', 'a test asked for it']);
  assert.equal(configFile, '/etc/vipr.yaml');
  assert.ok(Math.abs(Date.now() - Date.parse(startedAt)) < 60_000);
});

test('every change is logged with what it changes', async () => {
  const { director, log } = directorOf();
  await director.start(table);
  const settingsBefore = settings({ persistenceTimeout: 300 as Seconds });
  const [destination] = table.services[0]?.destinations ?? [];
  assert.ok(destination !== undefined);
  const steps: [Operation, string][] = [
    [
      { kind: 'edit-service', service: WEB, settings: settingsBefore },
      'info edit-service tcp 192.0.2.10:80: persistence none -> 300 s',
    ],
    [
      {
        kind: 'edit-service',
        service: WEB,
        settings: settings({ scheduler: 'sh', schedulerFlags: flags(2) }),
      },
      'info edit-service tcp 192.0.2.10:80: scheduler wlc -> sh, flags none -> 2, persistence 300 s -> none',
    ],
    [
      { kind: 'edit-destination', service: WEB, destination: { ...destination, weight: 0 as Weight } },
      'info edit-destination tcp 192.0.2.10:80 -> 10.0.0.2:80: weight 2 -> 0',
    ],
    [
      { kind: 'edit-destination', service: WEB, destination: { ...destination, weight: 0 as Weight } },
      'info edit-destination tcp 192.0.2.10:80 -> 10.0.0.2:80: nothing changes',
    ],
    [
      { kind: 'set-timeouts', timeouts: { tcp: 0 as Seconds, tcpfin: 60 as Seconds, udp: 30 as Seconds } },
      'info set-timeouts: tcpfin 120 s -> 60 s',
    ],
    [{ kind: 'zero' }, 'info zero all services'],
    [{ kind: 'zero', service: DNS }, 'info zero udp 192.0.2.10:53'],
    [
      { kind: 'delete-destination', service: WEB, destination },
      'info delete-destination tcp 192.0.2.10:80 -> 10.0.0.2:80',
    ],
    [
      { kind: 'add-destination', service: WEB, destination: { ...destination, upperThreshold: 9 } },
      'info add-destination tcp 192.0.2.10:80 -> 10.0.0.2:80: method masquerade, weight 2, upper threshold 9',
    ],
    [{ kind: 'delete-service', service: DNS }, 'info delete-service udp 192.0.2.10:53'],
    [
      { kind: 'delete-service', service: DNS },
      'info refused delete-service: udp 192.0.2.10:53: no such service',
    ],
    [
      { kind: 'add-service', service: DNS, settings: settings({ onePacket: true }) },
      'info add-service udp 192.0.2.10:53: scheduler wlc, one-packet on',
    ],
    [
      { kind: 'stop-daemon', role: 'master' },
      'info refused stop-daemon: the master synchronisation daemon does not run',
    ],
    [{ kind: 'flush' }, 'info flush all services'],
  ];
  for (const [operation, line] of steps) {
    await director.execute([operation]);
    assert.deepEqual(log.take(), [line]);
  }
});

test('an edit in a batch is told against what the batch made before it', async () => {
  const { director, log } = directorOf();
  await director.execute([
    { kind: 'add-service', service: WEB, settings: settings() },
    { kind: 'edit-service', service: WEB, settings: settings({ scheduler: 'rr' }) },
    { kind: 'edit-service', service: WEB, settings: settings({ scheduler: 'lc' }) },
  ]);
  assert.deepEqual(log.take(), [
    'info add-service tcp 192.0.2.10:80: scheduler wlc',
    'info edit-service tcp 192.0.2.10:80: scheduler wlc -> rr',
    'info edit-service tcp 192.0.2.10:80: scheduler rr -> lc',
  ]);
});

test('a large batch is told by its counts, and in full at debug', async () => {
  const operations = Array.from({ length: 150 }, (_, number): Operation => {
    const fwmark = ((number % 149) + 1) as FirewallMark;
    return { kind: 'add-service', service: { kind: 'fwmark', fwmark, family: 'inet' }, settings: settings() };
  });
  const quiet = directorOf();
  await quiet.director.execute(operations);
  assert.deepEqual(quiet.log.take(), ['info 150 add-service; 1 refused']);
  const talkative = directorOf(new MemoryEngine(), 'debug');
  await talkative.director.execute(operations);
  assert.equal(talkative.log.take().length, 151);
});

function serviceId(key: string): ServiceId {
  const id = parseServiceKey(key);
  assert.ok(id !== undefined);
  return id;
}

function settings(changes: Partial<ServiceSettings> = {}): ServiceSettings {
  return {
    scheduler: 'wlc',
    schedulerFlags: NO_SCHEDULER_FLAGS,
    persistenceNetmask: '255.255.255.255' as never,
    onePacket: false,
    ...changes,
  };
}

function flags(number: 1 | 2 | 3) {
  return { ...NO_SCHEDULER_FLAGS, [`flag${number}`]: true };
}
