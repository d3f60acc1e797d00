import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { IpAddress } from '../model/address.ts';
import { IPIP_TUNNEL } from '../model/destination.ts';
import { ERROR_CODES, ViprError, type ViprErrorCode } from '../model/error.ts';
import { NO_SCHEDULER_FLAGS, type ServiceKey } from '../model/service.ts';
import type { Statistics } from '../model/statistics.ts';
import { DEFAULT_TIMEOUTS, type ServiceStatus, type TableSnapshot } from '../model/table.ts';
import type { Port, Weight } from '../model/unit.ts';
import {
  decodeError,
  decodeFaults,
  decodeJson,
  decodeService,
  decodeTable,
  encodeError,
  encodeFaults,
  encodeTable,
} from './codec.ts';

const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const numbers = fc.record({
  connections: uint64,
  inPackets: uint64,
  outPackets: uint64,
  inBytes: uint64,
  outBytes: uint64,
});
const statistics: fc.Arbitrary<Statistics> = fc.record({ counters: numbers, rates: numbers });
const count = fc.nat(2 ** 31 - 1);
const address = fc.ipV4().map((text) => text as IpAddress);
const port = fc.nat(65535).map((number) => number as Port);

const service: fc.Arbitrary<ServiceStatus> = fc.record({
  id: fc.record({ kind: fc.constant('address'), protocol: fc.constantFrom('tcp', 'udp'), address, port }),
  scheduler: fc.string(),
  schedulerFlags: fc.constant(NO_SCHEDULER_FLAGS),
  persistenceNetmask: address,
  onePacket: fc.boolean(),
  statistics,
  destinations: fc.array(
    fc.record({
      address,
      port,
      forwarding: fc.constantFrom('masquerade', 'direct', 'tunnel'),
      weight: count.map((number) => number as Weight),
      upperThreshold: count,
      lowerThreshold: count,
      tunnel: fc.constant(IPIP_TUNNEL),
      activeConnections: count,
      inactiveConnections: count,
      persistentConnections: count,
      statistics,
    }),
    { maxLength: 3 },
  ),
});

const snapshot: fc.Arbitrary<TableSnapshot> = fc.record({
  services: fc.array(service, { maxLength: 3 }),
  timeouts: fc.constant(DEFAULT_TIMEOUTS),
  daemons: fc.array(
    fc.record({
      role: fc.constantFrom('master', 'backup'),
      interface: fc.string(),
      syncId: fc.nat(255),
      maxLength: fc.nat(65535),
      group: address,
      port,
      ttl: fc.nat(255),
    }),
    { maxLength: 2 },
  ),
});

test('a snapshot survives JSON, with all 64 bits of its counters', () => {
  fc.assert(
    fc.property(snapshot, (table) => {
      assert.deepEqual(decodeTable(decodeJson(JSON.stringify(encodeTable(table)))), structuredClone(table));
    }),
  );
});

test('every error code survives JSON with its message, errno and hint', () => {
  for (const code of Object.keys(ERROR_CODES) as ViprErrorCode[]) {
    for (const options of [{}, { hint: 'Do it.' }, { errno: 'EPERM' }]) {
      const error = new ViprError(code, `what ${code} says`, options);
      const decoded = decodeError(JSON.parse(JSON.stringify(encodeError(error))));
      assert.deepEqual(
        [decoded.code, decoded.message, decoded.errno, decoded.hint],
        [error.code, error.message, error.errno, error.hint],
      );
    }
  }
});

test('the code of a newer director is kept in the message', () => {
  const { code, message } = decodeError({ code: 'NEWER', message: 'than this client' });
  assert.deepEqual([code, message], ['ENGINE_FAILED', 'NEWER: than this client']);
});

test('faults survive JSON', () => {
  const faults = new Map([['tcp 192.0.2.1:80' as ServiceKey, 'the address is not local']]);
  assert.deepEqual(decodeFaults(JSON.parse(JSON.stringify(encodeFaults(faults)))), faults);
});

test('an answer of any other shape is RESPONSE_INVALID, never another error', () => {
  const value = fc.oneof(
    fc.jsonValue(),
    // Snapshots with one part replaced, to get past the first checks.
    fc.tuple(snapshot, fc.nat(), fc.jsonValue()).map(([table, choice, nonsense]) => {
      const copy = JSON.parse(JSON.stringify(encodeTable(table)));
      const parts = partsOf(copy);
      const [holder, key] = parts[choice % parts.length] ?? [copy, 'services'];
      holder[key] = nonsense;
      return copy;
    }),
  );
  fc.assert(
    fc.property(
      value,
      fc.constantFrom(decodeTable, decodeService, decodeFaults, decodeError),
      (body, decode) => {
        try {
          decode(body);
        } catch (error) {
          assert.ok(error instanceof ViprError, String(error));
          assert.equal(error.code, 'RESPONSE_INVALID');
        }
      },
    ),
    { numRuns: 1000 },
  );
  assert.throws(() => decodeJson('{'), { code: 'RESPONSE_INVALID' });
});

function partsOf(value: unknown): [Record<string, unknown>, string][] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.entries(holder).flatMap(([key, part]): [Record<string, unknown>, string][] => [
    [holder, key],
    ...partsOf(part),
  ]);
}
