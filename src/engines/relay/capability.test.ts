import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { destinationOn, serviceOn, serviceOnMark, settings } from '../../../test/engine/sample-table.ts';
import type { ForwardingMethod } from '../../model/destination.ts';
import type { Operation } from '../../model/operation.ts';
import type { Port, Seconds } from '../../model/unit.ts';
import { RELAY_CAPABILITIES, refuseUnsupported } from './capability.ts';

const id = serviceOn('192.0.2.10');

function forwarded(forwarding: ForwardingMethod): Operation {
  return { kind: 'add-destination', service: id, destination: destinationOn('10.0.0.11', { forwarding }) };
}

/** What is refused, with a word of the reason. */
const REFUSED: readonly (readonly [string, Operation, RegExp])[] = [
  ['a firewall mark', { kind: 'add-service', service: serviceOnMark(3), settings: settings() }, /mark/],
  [
    'SCTP',
    { kind: 'add-service', service: serviceOn('192.0.2.10', 80, 'sctp'), settings: settings() },
    /SCTP/,
  ],
  [
    'port 0 of a service',
    {
      kind: 'add-service',
      service: serviceOn('192.0.2.10', 0),
      settings: settings({ persistenceTimeout: 300 as Seconds }),
    },
    /port 0.*one port/,
  ],
  [
    'a persistence engine',
    { kind: 'add-service', service: id, settings: settings({ persistenceEngine: 'sip' }) },
    /persistence engine 'sip'/,
  ],
  [
    'a persistence engine by an edit',
    { kind: 'edit-service', service: id, settings: settings({ persistenceEngine: 'sip' }) },
    /persistence engine 'sip'/,
  ],
  ['direct routing', forwarded('direct'), /direct routing \(-g/],
  ['tunnelling', forwarded('tunnel'), /tunnelling \(-i/],
  ['local', forwarded('local'), /'local'/],
  ['bypass', forwarded('bypass'), /'bypass'/],
  [
    'port 0 of a destination',
    {
      kind: 'add-destination',
      service: id,
      destination: destinationOn('10.0.0.11', { port: 0 as Port }),
    },
    /port 0 of a destination/,
  ],
  [
    'a synchronisation daemon',
    {
      kind: 'start-daemon',
      daemon: { role: 'master', syncId: 1, interface: 'lo' },
    },
    /synchronisation/,
  ],
];

describe('what the relay refuses', () => {
  for (const [what, operation, reason] of REFUSED) {
    test(`${what}: with the reason and the engine that can`, () => {
      assert.throws(() => refuseUnsupported(operation), {
        code: 'NOT_SUPPORTED_BY_ENGINE',
        errno: 'EOPNOTSUPP',
        message: reason,
        hint: /The engine '(?:ebpf|ipvs)' can/,
      });
    });
  }

  test('what ebpf cannot do either is left to ipvs', () => {
    for (const forwarding of ['local', 'bypass'] as const)
      assert.throws(() => refuseUnsupported(forwarded(forwarding)), { hint: /The engine 'ipvs' can/ });
    assert.throws(() => refuseUnsupported(forwarded('tunnel')), { hint: /The engine 'ebpf' can/ });
  });

  test('methods other than masquerading come with the option that helps', () => {
    for (const forwarding of ['direct', 'tunnel', 'local', 'bypass'] as const) {
      assert.throws(() => refuseUnsupported(forwarded(forwarding)), { hint: /^Use -m/ });
    }
  });

  test('names the service and the destination', () => {
    assert.throws(() => refuseUnsupported(forwarded('direct')), {
      message: /tcp 192\.0\.2\.10:80 -> 10\.0\.0\.11:80/,
    });
  });
});

describe('what the relay takes', () => {
  const operations: readonly Operation[] = [
    { kind: 'add-service', service: id, settings: settings() },
    { kind: 'add-service', service: serviceOn('2001:db8::1', 53, 'udp'), settings: settings() },
    { kind: 'edit-service', service: id, settings: settings({ onePacket: true }) },
    forwarded('masquerade'),
    { kind: 'edit-destination', service: id, destination: destinationOn('10.0.0.11') },
    { kind: 'delete-destination', service: id, destination: destinationOn('10.0.0.11') },
    { kind: 'delete-service', service: id },
    { kind: 'flush' },
    { kind: 'zero' },
    { kind: 'stop-daemon', role: 'master' },
  ];
  for (const operation of operations) {
    test(operation.kind, () => refuseUnsupported(operation));
  }

  test('every scheduler, and none', () => {
    for (const name of ['none', 'rr', 'wrr', 'lc', 'wlc', 'sed', 'nq', 'dh', 'sh', 'mh', 'fo', 'ovf'])
      assert.ok(RELAY_CAPABILITIES.schedulers.includes(name), name);
  });
});
