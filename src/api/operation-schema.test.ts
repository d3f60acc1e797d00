import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressFromBytes } from '../model/address.ts';
import type { SyncDaemonSettings } from '../model/daemon.ts';
import type { Destination, DestinationId } from '../model/destination.ts';
import type { Operation } from '../model/operation.ts';
import type { ServiceId, ServiceSettings } from '../model/service.ts';
import { asFirewallMark, asPort, asPrefixLength, asSeconds, asWeight } from '../model/unit.ts';
import { operationsRequestSchema } from './operation-schema.ts';

const INT_MAX = 2 ** 31 - 1;
const UINT_MAX = 2 ** 32 - 1;

function within<T>(as: (value: number) => T | undefined, min: number, max: number): fc.Arbitrary<T> {
  return fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max)).map((value) => as(value) as T);
}

const name = fc.string({ maxLength: 20 });
const flag = fc.boolean();
const port = within(asPort, 0, 65535);
const seconds = within(asSeconds, 0, INT_MAX);
const address = fc
  .oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
  .map(addressFromBytes);
const role = fc.constantFrom('master' as const, 'backup' as const);

const service: fc.Arbitrary<ServiceId> = fc.oneof(
  fc.record({
    kind: fc.constant('address' as const),
    protocol: fc.constantFrom('tcp' as const, 'udp' as const, 'sctp' as const),
    address,
    port,
  }),
  fc.record({
    kind: fc.constant('fwmark' as const),
    fwmark: within(asFirewallMark, 1, UINT_MAX),
    family: fc.constantFrom('inet' as const, 'inet6' as const),
  }),
);

const settings: fc.Arbitrary<ServiceSettings> = fc.record(
  {
    scheduler: name,
    schedulerFlags: fc.record({ flag1: flag, flag2: flag, flag3: flag }),
    persistenceTimeout: seconds,
    persistenceNetmask: fc.oneof(address, within(asPrefixLength, 1, 128)),
    persistenceEngine: name,
    onePacket: flag,
  },
  { requiredKeys: ['scheduler', 'schedulerFlags', 'persistenceNetmask', 'onePacket'] },
);

const destinationId: fc.Arbitrary<DestinationId> = fc.record({ address, port });

const destination: fc.Arbitrary<Destination> = fc.record(
  {
    address,
    port,
    forwarding: fc.constantFrom('masquerade', 'direct', 'tunnel', 'local', 'bypass'),
    weight: within(asWeight, 0, INT_MAX),
    upperThreshold: fc.integer({ min: 0, max: UINT_MAX }),
    lowerThreshold: fc.integer({ min: 0, max: UINT_MAX }),
    tunnel: fc.record({
      type: fc.constantFrom('ipip', 'gue', 'gre'),
      port,
      checksum: fc.constantFrom('none', 'checksum', 'remote'),
    }),
    proxyProtocol: fc.constantFrom('v2', 'off'),
  },
  {
    requiredKeys: ['address', 'port', 'forwarding', 'weight', 'upperThreshold', 'lowerThreshold', 'tunnel'],
  },
);

const daemon: fc.Arbitrary<SyncDaemonSettings> = fc.record(
  {
    role,
    interface: name,
    syncId: fc.integer({ min: 0, max: 255 }),
    maxLength: fc.integer({ min: 1, max: 65535 }),
    group: address,
    port,
    ttl: fc.integer({ min: 1, max: 255 }),
  },
  { requiredKeys: ['role', 'interface', 'syncId'] },
);

const arbitraries: { readonly [K in Operation['kind']]: fc.Arbitrary<Extract<Operation, { kind: K }>> } = {
  'add-service': fc.record({ kind: fc.constant('add-service'), service, settings }),
  'edit-service': fc.record({ kind: fc.constant('edit-service'), service, settings }),
  'delete-service': fc.record({ kind: fc.constant('delete-service'), service }),
  'add-destination': fc.record({ kind: fc.constant('add-destination'), service, destination }),
  'edit-destination': fc.record({ kind: fc.constant('edit-destination'), service, destination }),
  'delete-destination': fc.record({
    kind: fc.constant('delete-destination'),
    service,
    destination: destinationId,
  }),
  flush: fc.record({ kind: fc.constant('flush') }),
  zero: fc.record({ kind: fc.constant('zero'), service }, { requiredKeys: ['kind'] }),
  'set-timeouts': fc.record({
    kind: fc.constant('set-timeouts'),
    timeouts: fc.record({ tcp: seconds, tcpfin: seconds, udp: seconds }),
  }),
  'start-daemon': fc.record({ kind: fc.constant('start-daemon'), daemon }),
  'stop-daemon': fc.record({ kind: fc.constant('stop-daemon'), role }),
};

const operation: fc.Arbitrary<Operation> = fc.oneof(...Object.values(arbitraries));

for (const [kind, arbitrary] of Object.entries<fc.Arbitrary<Operation>>(arbitraries)) {
  test(`${kind} survives JSON and the schema as it is`, () => {
    fc.assert(
      fc.property(fc.array(arbitrary, { maxLength: 3 }), (operations) => {
        const parsed = operationsRequestSchema.parse(JSON.parse(JSON.stringify({ operations })));
        assert.deepStrictEqual(parsed.operations, plain(operations));
      }),
    );
  });
}

test('an operation with any field changed to nonsense, left out or added is refused', () => {
  const nonsense = fc.constantFrom<unknown>(
    null,
    -1,
    1.5,
    2 ** 33,
    'x y',
    [],
    {},
    '1e3',
    '256.0.0.1',
    '::1%lo',
  );
  fc.assert(
    fc.property(
      operation,
      fc.nat(),
      nonsense,
      fc.constantFrom('change', 'add'),
      (given, choice, value, how) => {
        const copy = structuredClone(plain(given)) as unknown as Record<string, unknown>;
        const places = leavesOf(copy);
        const { holder, key } = places[choice % places.length] ?? { holder: copy, key: 'kind' };
        // Names may be any text; whether they exist the engine knows.
        const free =
          ['scheduler', 'persistenceEngine', 'interface'].includes(key) && typeof value === 'string';
        fc.pre(!free);
        if (how === 'add') holder['unheard-of'] = value;
        else holder[key] = value;
        assert.equal(operationsRequestSchema.safeParse({ operations: [copy] }).success, false);
      },
    ),
  );
});

test('spellings of an address become the canonical one', () => {
  const request = {
    operations: [
      {
        kind: 'delete-service',
        service: { kind: 'address', protocol: 'tcp', address: '2001:DB8:0:0::1', port: 80 },
      },
    ],
  };
  const [parsed] = operationsRequestSchema.parse(request).operations;
  assert.deepEqual(parsed, {
    kind: 'delete-service',
    service: { kind: 'address', protocol: 'tcp', address: '2001:db8::1', port: 80 },
  });
});

/** fast-check makes records without a prototype; the schema makes plain objects. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function leavesOf(value: Record<string, unknown>): { holder: Record<string, unknown>; key: string }[] {
  return Object.entries(value).flatMap(([key, field]) =>
    typeof field === 'object' && field !== null
      ? leavesOf(field as Record<string, unknown>)
      : [{ holder: value, key }],
  );
}
