import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  SETTING_SLOPPY_SCTP,
  TOTAL_FRAGMENT_UNKNOWN,
  TOTAL_PUNTED,
} from '../../../src/engines/ebpf/layout.gen.ts';
import { data, fragments, type Layer, parse, sctp, sctpData, udp } from '../../packet/packet.ts';
import { whyNoLab } from '../harness/lab.ts';
import { ForwardingLab } from './forwarding-lab.ts';
import { METHODS, SERVER_PORT } from './method.ts';
import { CLIENT, FAMILIES, ip, SERVER, VIRTUAL } from './wire.ts';

const { port } = METHODS.masquerade;
const LONG = data(Buffer.alloc(2000, 'fragments of a datagram '));

describe('fragments', { skip: whyNoLab }, () => {
  let lab: ForwardingLab;
  let client = 20000;
  let id = 100;
  before(async () => {
    lab = await ForwardingLab.open();
  });
  after(() => lab?.close());

  for (const family of FAMILIES) {
    test(`${family}: later fragments follow the first, both ways (facts 5.8)`, () => {
      const source = client++;
      const [one, other] = [id++, id++];
      const request = { source: CLIENT[family], destination: VIRTUAL[family] };
      const there = cut([lab.fromRouter, ip(family, request), udp({ source, destination: port }), LONG], one);
      const translated = cut(
        [
          lab.toServer({ family, protocol: 'udp', method: 'masquerade' }),
          ip(family, { ...request, destination: SERVER[family], ttl: 59 }),
          udp({ source, destination: SERVER_PORT }),
          LONG,
        ],
        one,
      );
      assertForwarded(there, translated, 'clients');
      const reply = { source: SERVER[family], destination: CLIENT[family] };
      const back = cut(
        [lab.fromServer, ip(family, reply), udp({ source: SERVER_PORT, destination: source }), LONG],
        other,
      );
      const told = cut(
        [
          lab.toRouter,
          ip(family, { ...reply, source: VIRTUAL[family], ttl: 59 }),
          udp({ source: port, destination: source }),
          LONG,
        ],
        other,
      );
      assertForwarded(back, told, 'servers');
    });

    test(`${family}: tunnelled one by one`, () => {
      const packet = [
        lab.fromRouter,
        ip(family, { source: CLIENT[family], destination: VIRTUAL[family] }),
        udp({ source: client++, destination: METHODS['gre with checksum'].port }),
        LONG,
      ];
      for (const fragment of cut(packet)) {
        const { verdict, layers } = lab.run('vipr_ingress', fragment);
        assert.equal(verdict, 'redirect');
        const outer = layers.find(({ layer }) => layer === 'gre');
        assert.deepEqual(outer && 'checksum' in outer ? outer.checksum : undefined, 'right');
        const [, before] = parse(fragment);
        assert.deepEqual(
          layers[3],
          before && { ...before, ...(family === 'inet' ? { ttl: 59 } : { hopLimit: 59 }) },
        );
      }
    });

    test(`${family}: a later fragment whose first did not come passes and counts`, () => {
      const [, later] = cut([
        lab.fromRouter,
        ip(family, { source: CLIENT[family], destination: VIRTUAL[family] }),
        udp({ source: client++, destination: port }),
        LONG,
      ]);
      assert.ok(later);
      const before = lab.total(TOTAL_FRAGMENT_UNKNOWN);
      const { verdict, bytes } = lab.run('vipr_ingress', later);
      assert.equal(verdict, 'pass');
      assert.deepEqual(bytes, later);
      assert.equal(lab.total(TOTAL_FRAGMENT_UNKNOWN), before + 1);
    });

    test(`${family}: those of others pass, and are not remembered`, () => {
      const packet = [
        lab.fromRouter,
        ip(family, {
          source: CLIENT[family],
          destination: family === 'inet' ? '192.0.2.77' : '2001:db8::77',
        }),
        udp({ source: client++, destination: port }),
        LONG,
      ];
      const before = lab.total(TOTAL_FRAGMENT_UNKNOWN);
      for (const fragment of cut(packet)) assert.equal(lab.run('vipr_ingress', fragment).verdict, 'pass');
      assert.equal(lab.total(TOTAL_FRAGMENT_UNKNOWN), before);
    });

    test(`${family}: XDP leaves them to tc, unchanged`, () => {
      const packet = [
        lab.fromRouter,
        ip(family, { source: CLIENT[family], destination: VIRTUAL[family] }),
        udp({ source: client++, destination: port }),
        LONG,
      ];
      const before = lab.total(TOTAL_PUNTED);
      const all = cut(packet);
      for (const fragment of all) {
        const { verdict, bytes } = lab.run('vipr_xdp', fragment);
        assert.equal(verdict, 'pass');
        assert.deepEqual(bytes, fragment);
      }
      assert.equal(lab.total(TOTAL_PUNTED), before + all.length);
    });
  }

  test('the checksum of SCTP in fragments cannot be corrected: dropped where a port changes', () => {
    const packet = [
      lab.fromRouter,
      ip('inet', { source: CLIENT.inet, destination: VIRTUAL.inet }),
      sctp({ source: client, destination: port, chunks: [sctpData({ hex: 'ab'.repeat(1500) })] }),
    ];
    lab.set({ flags: SETTING_SLOPPY_SCTP });
    const [first] = cut(packet);
    assert.ok(first);
    assert.equal(lab.run('vipr_ingress', first).verdict, 'drop');
    lab.set({});
  });

  test('a packet dressed as its only fragment is a whole one (RFC 6946)', () => {
    const source = client++;
    const ends = { source: CLIENT.inet6, destination: VIRTUAL.inet6 };
    const [only, ...others] = fragments(
      [lab.fromRouter, ip('inet6', ends), udp({ source, destination: port }), data('short')],
      { size: 1400, id: id++ },
    );
    assert.ok(only && others.length === 0);
    const { verdict, layers } = lab.run('vipr_ingress', only);
    assert.equal(verdict, 'redirect');
    assert.equal(layers.find(({ layer }) => layer === 'udp')?.layer, 'udp');
  });

  /** With the identification that the next test gets, unless it is told. */
  function cut(packet: readonly Layer[], identification = id++): Buffer[] {
    return fragments(packet, { size: 800, id: identification });
  }

  /** Fragments of one packet, in order. */
  function assertForwarded(
    sent: readonly Buffer[],
    expected: readonly Buffer[],
    on: 'clients' | 'servers',
  ): void {
    assert.equal(sent.length, 3);
    for (const [index, fragment] of sent.entries()) {
      const { verdict, layers } = lab.run('vipr_ingress', fragment, { on });
      assert.equal(verdict, 'redirect');
      assert.deepEqual(layers, parse(expected[index] ?? Buffer.alloc(0)));
    }
  }
});
