import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { mutationOf } from '../../../test/netlink/mutate.ts';
import { RTNETLINK_MESSAGES } from '../../../test/vectors/rtnetlink-messages.ts';
import { decodeMessages, type NetlinkMessage } from '../message.ts';
import { NetlinkError } from '../netlink-error.ts';
import { decodeInterfaceAddress } from './interface-address.ts';
import { decodeLink, linkMessageFamily } from './link.ts';
import { decodeNeighbour, isIpNeighbour } from './neighbour.ts';
import { decodeRoute } from './route.ts';

type VectorName = keyof typeof RTNETLINK_MESSAGES;

describe('decoding what a kernel sent', () => {
  test('links', () => {
    assert.equal(linkMessageFamily(message('link')), 0);
    const { flags, index, master, parent, address, ...link } = decodeLink(message('link'));
    assert.deepEqual(link, {
      name: 'v1',
      hardware: 1,
      kind: 'veth',
      up: true,
      carrier: true,
      operationalState: 'up',
      mtu: 1500,
    });
    assert.deepEqual([flags & 1, index, master, parent], [1, 2, 4, 3]);
    assert.match(address ?? '', /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
  });

  test('addresses', () => {
    assert.deepEqual(decodeInterfaceAddress(message('inetAddress')), {
      family: 'inet',
      index: 3,
      address: '10.1.0.1',
      prefixLength: 24,
      broadcast: '10.1.0.255',
      label: 'v0',
      scope: 0,
      flags: 0x80,
      tentative: false,
    });
    assert.deepEqual(decodeInterfaceAddress(message('inet6Address')), {
      family: 'inet6',
      index: 3,
      address: 'fd01::1',
      prefixLength: 64,
      scope: 0,
      flags: 0x82,
      tentative: false,
    });
  });

  test('routes', () => {
    assert.deepEqual(decodeRoute(message('multipathRoute')), {
      family: 'inet',
      type: 'unicast',
      destination: { address: '198.51.100.0', prefixLength: 24 },
      table: 254,
      protocol: 4,
      scope: 0,
      nextHops: [
        { index: 3, gateway: '10.1.0.2', weight: 3 },
        { index: 3, gateway: '10.1.0.3', weight: 1 },
      ],
    });
    assert.deepEqual(decodeRoute(message('inet6Route')), {
      family: 'inet6',
      type: 'unicast',
      destination: { address: 'fd02::', prefixLength: 64 },
      gateway: 'fd01::2',
      index: 3,
      metric: 7,
      table: 254,
      protocol: 4,
      scope: 0,
    });
    assert.deepEqual(decodeRoute(message('defaultRoute')), {
      family: 'inet',
      type: 'unicast',
      gateway: '10.1.0.9',
      index: 3,
      table: 5000,
      protocol: 4,
      scope: 0,
    });
  });

  test('neighbours', () => {
    assert.ok(isIpNeighbour(message('inetNeighbour')));
    assert.deepEqual(decodeNeighbour(message('inetNeighbour')), {
      family: 'inet',
      index: 3,
      address: '10.1.0.2',
      linkLayerAddress: '02:00:00:00:00:02',
      state: 'permanent',
      flags: 0,
    });
    assert.deepEqual(decodeNeighbour(message('inet6Neighbour')).state, 'stale');
  });
});

describe('decoding anything else', () => {
  const decoders = {
    link: decodeLink,
    address: decodeInterfaceAddress,
    route: decodeRoute,
    neighbour: decodeNeighbour,
  };

  for (const [name, hex] of Object.entries(RTNETLINK_MESSAGES)) {
    const decode = Object.entries(decoders).find(([kind]) => name.toLowerCase().endsWith(kind))?.[1];
    test(`${name} with errors is a ${name} or a NetlinkError`, () => {
      assert.ok(decode);
      fc.assert(
        fc.property(mutationOf(Buffer.from(hex, 'hex').subarray(16)), (bytes) =>
          survive(() => decode(bare(bytes))),
        ),
        { numRuns: 500 },
      );
    });
  }

  test('any bytes at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        for (const decode of Object.values(decoders)) survive(() => decode(bare(bytes)));
        linkMessageFamily(bare(bytes));
        isIpNeighbour(bare(bytes));
      }),
      { numRuns: 1000 },
    );
  });
});

function survive(decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    assert.ok(error instanceof NetlinkError && error.kind === 'malformed', String(error));
  }
}

function message(name: VectorName): NetlinkMessage {
  const [decoded] = decodeMessages(Buffer.from(RTNETLINK_MESSAGES[name], 'hex'));
  assert.ok(decoded);
  return decoded;
}

/** A message of these bytes alone, at the end of their memory: reading beyond is an error. */
function bare(bytes: Uint8Array): NetlinkMessage {
  const copy = Uint8Array.from(bytes);
  const payload = { view: new DataView(copy.buffer), start: 0, end: copy.length };
  return { type: 0, flags: 0, sequence: 0, portId: 0, payload };
}
