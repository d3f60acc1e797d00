import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { build, icmp, icmpv6, type Layer, quoted } from '../../packet/packet.ts';
import { whyNoLab } from '../harness/lab.ts';
import { ForwardingLab, serverFamily } from './forwarding-lab.ts';
import { METHODS, type MethodName, SERVER_PORT } from './method.ts';
import { asParsed, CLIENT, FAMILIES, type Family, ip, SERVER, TRANSPORTS, VIRTUAL } from './wire.ts';

const ROUTER = { inet: '10.9.9.9', inet6: 'fd09::9' };
const ERRORS = {
  inet: [icmp(3, 3), icmp(3, 4, 1400), icmp(11), icmp(4)],
  inet6: [icmpv6(1, 4), icmpv6(2, 0, 1400), icmpv6(3), icmpv6(4, 1, 40)],
};
const LENGTHS = ['all but a byte', 'eight bytes'] as const;

interface End {
  readonly source?: string;
  readonly destination?: string;
}

interface Port {
  readonly source?: number;
  readonly destination?: number;
}

const PROTOCOLS = ['tcp', 'udp', 'sctp'] as const;

describe('ICMP errors that belong to connections (facts 5.7, golden/15b)', { skip: whyNoLab }, () => {
  let lab: ForwardingLab;
  let client = 20000;
  before(async () => {
    lab = await ForwardingLab.open();
  });
  after(() => lab?.close());

  for (const family of FAMILIES)
    for (const protocol of PROTOCOLS)
      for (const length of LENGTHS)
        test(`${family}, ${protocol}, ${length}: about a request to a masqueraded server, the client hears it from the VIP`, () => {
          const port = open('masquerade', family, protocol);
          for (const error of ERRORS[family]) {
            const request = [
              ip(family, { source: CLIENT[family], destination: SERVER[family], ttl: 59 }),
              ...TRANSPORTS[protocol](port, SERVER_PORT),
            ];
            const quotation = cut(request, length);
            const from = { source: ROUTER[family], destination: CLIENT[family] };
            const packet = [lab.fromServer, ip(family, from), error, ...quotation];
            const { verdict, layers } = lab.run('vipr_ingress', packet, { on: 'servers' });
            assert.equal(verdict, 'redirect');
            assert.deepEqual(
              layers,
              asParsed([
                lab.toRouter,
                ip(family, { source: VIRTUAL[family], destination: CLIENT[family], ttl: 59 }),
                error,
                ...readdressed(
                  quotation,
                  { destination: VIRTUAL[family] },
                  { destination: METHODS.masquerade.port },
                ),
              ]),
            );
          }
        });

  for (const family of FAMILIES)
    for (const protocol of PROTOCOLS)
      test(`${family}, ${protocol}: about a reply, the masqueraded server hears it`, () => {
        const port = open('masquerade', family, protocol);
        const virtual = { family, protocol, method: 'masquerade' } as const;
        for (const error of ERRORS[family]) {
          const reply = [
            ip(family, { source: VIRTUAL[family], destination: CLIENT[family] }),
            ...TRANSPORTS[protocol](METHODS.masquerade.port, port),
          ];
          const quotation = cut(reply, 'all but a byte');
          const from = { source: CLIENT[family], destination: VIRTUAL[family] };
          const packet = [lab.fromRouter, ip(family, from), error, ...quotation];
          const { verdict, layers } = lab.run('vipr_ingress', packet);
          assert.equal(verdict, 'redirect');
          assert.deepEqual(
            layers,
            asParsed([
              lab.toServer(virtual),
              ip(family, { ...from, destination: SERVER[family], ttl: 59 }),
              error,
              ...readdressed(quotation, { source: SERVER[family] }, { source: SERVER_PORT }),
            ]),
          );
        }
      });

  for (const family of FAMILIES)
    for (const method of ['direct', 'ipip', 'gue with checksum', 'gre with checksum'] as const)
      test(`${family}, ${method}: about a reply, the error goes the way of a request`, () => {
        const port = open(method, family, 'udp');
        const virtual = { family, protocol: 'udp', method } as const;
        const [error] = ERRORS[family];
        const quotation = [
          ip(family, { source: VIRTUAL[family], destination: CLIENT[family] }),
          ...TRANSPORTS.udp(METHODS[method].port, port),
        ];
        const from = { source: CLIENT[family], destination: VIRTUAL[family] };
        const packet = [lab.fromRouter, ip(family, from), error as Layer, ...quotation];
        const { verdict, layers } = lab.run('vipr_ingress', packet);
        assert.equal(verdict, 'redirect');
        assert.deepEqual(layers[0], asParsed([lab.toServer(virtual), ...packet.slice(1)])[0]);
        const inside = [ip(family, { ...from, ttl: 59 }), error as Layer, ...quotation];
        assert.deepEqual(layers.slice(-inside.length), asParsed([lab.fromRouter, ...inside]).slice(1));
        for (const layer of layers)
          if ('checksum' in layer) assert.ok(['right', 'none'].includes(`${layer.checksum}`));
        assert.equal(serverFamily(virtual), family);
      });

  test('echo, redirects and errors about others pass as they are', () => {
    const quotation = [ip('inet', { source: CLIENT.inet, destination: '10.7.7.7' }), ...TRANSPORTS.udp(1, 2)];
    const ends = { source: CLIENT.inet, destination: VIRTUAL.inet };
    for (const packet of [
      [lab.fromRouter, ip('inet', ends), icmp(8, 0, 0x12345678)],
      [lab.fromRouter, ip('inet', ends), icmp(5, 1, 0x0a010101), ...quotation],
      [lab.fromRouter, ip('inet', ends), icmp(3, 3), ...quotation],
      [lab.fromRouter, ip('inet6', { source: CLIENT.inet6, destination: VIRTUAL.inet6 }), icmpv6(128, 0, 7)],
    ]) {
      const { verdict, layers } = lab.run('vipr_ingress', packet);
      assert.equal(verdict, 'pass');
      assert.deepEqual(layers, asParsed(packet));
    }
  });

  test('an error about a connection that there is not passes (facts 5.7)', () => {
    const quotation = [
      ip('inet', { source: VIRTUAL.inet, destination: CLIENT.inet }),
      ...TRANSPORTS.udp(METHODS.direct.port, client++),
    ];
    const from = { source: CLIENT.inet, destination: VIRTUAL.inet };
    const packet = [lab.fromRouter, ip('inet', from), icmp(3, 3), ...quotation];
    const { verdict, layers } = lab.run('vipr_ingress', packet);
    assert.equal(verdict, 'pass');
    assert.deepEqual(layers, asParsed(packet));
  });

  function open(method: MethodName, family: Family, protocol: (typeof PROTOCOLS)[number]): number {
    const ends = { source: CLIENT[family], destination: VIRTUAL[family] };
    const port = client++;
    const request = [lab.fromRouter, ip(family, ends), ...TRANSPORTS[protocol](port, METHODS[method].port)];
    assert.equal(lab.run('vipr_ingress', request).verdict, 'redirect');
    return port;
  }
});

/** A quotation short of its last byte, so that its transport checksum is but a number; or of only eight bytes behind the IP header. */
function cut(packet: readonly Layer[], length: (typeof LENGTHS)[number]): Layer[] {
  const [network] = packet;
  const header = network?.layer === 'ipv4' ? 20 : 40;
  return quoted(packet, length === 'eight bytes' ? header + 8 : build(packet).length - 1);
}

/** A quoted packet with another address and port; its transport checksum stays what it was. */
function readdressed([network, transport, ...rest]: readonly Layer[], address: End, port: Port): Layer[] {
  assert.ok(network && transport);
  return [{ ...network, ...address } as Layer, { ...transport, ...port } as Layer, ...rest];
}
