import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { SETTING_LOCAL_SERVERS, TOTAL_PACKETS } from '../../../src/engines/ebpf/layout.gen.ts';
import { icmp, icmpv6, quoted } from '../../packet/packet.ts';
import { whyNoLab } from '../harness/lab.ts';
import { ForwardingLab } from './forwarding-lab.ts';
import { METHODS, SERVER_PORT } from './method.ts';
import {
  asParsed,
  CLIENT,
  FAMILIES,
  ip,
  protocolOf,
  SERVER,
  TRANSPORT_NAMES,
  TRANSPORTS,
  VIRTUAL,
} from './wire.ts';

const UNREACHABLE = { inet: icmp(3, 3), inet6: icmpv6(1, 4) };

describe('destinations that are this host (facts 5.1)', { skip: whyNoLab }, () => {
  let lab: ForwardingLab;
  let client = 20000;
  before(async () => {
    lab = await ForwardingLab.open();
    for (const family of FAMILIES)
      for (const protocol of ['tcp', 'udp', 'sctp'] as const)
        for (const method of ['masquerade', 'direct', 'ipip'] as const)
          lab.reach({ family, protocol, method }, { local: true });
    lab.set({ flags: SETTING_LOCAL_SERVERS });
  });
  after(() => lab?.close());

  for (const family of FAMILIES) {
    for (const name of TRANSPORT_NAMES)
      test(`${family}, ${name}, masqueraded: rewritten on the way in, and out`, () => {
        const transport = TRANSPORTS[name];
        const port = client++;
        const request = { source: CLIENT[family], destination: VIRTUAL[family] };
        const packet = [lab.fromRouter, ip(family, request), ...transport(port, METHODS.masquerade.port)];
        const counted = lab.total(TOTAL_PACKETS);
        const fast = lab.run('vipr_xdp', packet);
        assert.equal(fast.verdict, 'pass');
        assert.deepEqual(fast.layers, asParsed(packet));
        assert.equal(lab.total(TOTAL_PACKETS), counted);
        const { verdict, layers } = lab.run('vipr_ingress', packet);
        assert.equal(verdict, 'pass');
        assert.deepEqual(
          layers,
          asParsed([
            lab.fromRouter,
            ip(family, { ...request, destination: SERVER[family] }),
            ...transport(port, SERVER_PORT),
          ]),
        );
        const reply = { source: SERVER[family], destination: CLIENT[family] };
        const answer = [lab.toRouter, ip(family, reply), ...transport(SERVER_PORT, port)];
        const out = lab.run('vipr_egress', answer);
        assert.equal(out.verdict, 'pass');
        assert.deepEqual(
          out.layers,
          asParsed([
            lab.toRouter,
            ip(family, { ...reply, source: VIRTUAL[family] }),
            ...transport(METHODS.masquerade.port, port),
          ]),
        );
        assert.equal(lab.total(TOTAL_PACKETS), counted + 2, protocolOf(name));
      });

    for (const method of ['direct', 'ipip'] as const)
      test(`${family}, ${method}: as it is, counted both ways`, () => {
        const port = client++;
        const request = { source: CLIENT[family], destination: VIRTUAL[family], ttl: 1 };
        const packet = [lab.fromRouter, ip(family, request), ...TRANSPORTS.udp(port, METHODS[method].port)];
        const counted = lab.total(TOTAL_PACKETS);
        const { verdict, layers } = lab.run('vipr_ingress', packet);
        assert.equal(verdict, 'pass');
        assert.deepEqual(layers, packet);
        const reply = { source: VIRTUAL[family], destination: CLIENT[family] };
        const answer = [lab.toRouter, ip(family, reply), ...TRANSPORTS.udp(METHODS[method].port, port)];
        const out = lab.run('vipr_egress', answer);
        assert.equal(out.verdict, 'pass');
        assert.deepEqual(out.layers, answer);
        assert.equal(lab.total(TOTAL_PACKETS), counted + 2);
      });

    test(`${family}: an error that the masqueraded local server sends`, () => {
      const port = client++;
      const request = { source: CLIENT[family], destination: VIRTUAL[family] };
      lab.run('vipr_ingress', [lab.fromRouter, ip(family, request), ...TRANSPORTS.udp(port, 80)]);
      const received = [
        ip(family, { ...request, destination: SERVER[family] }),
        ...TRANSPORTS.udp(port, SERVER_PORT),
      ];
      const cut = quoted(received, (family === 'inet' ? 20 : 40) + 8 + 3);
      const reply = { source: SERVER[family], destination: CLIENT[family] };
      const error = [lab.toRouter, ip(family, reply), UNREACHABLE[family], ...cut];
      const out = lab.run('vipr_egress', error);
      assert.equal(out.verdict, 'pass');
      const [network, transport, ...rest] = cut;
      assert.ok(network && transport);
      assert.deepEqual(
        out.layers,
        asParsed([
          lab.toRouter,
          ip(family, { ...reply, source: VIRTUAL[family] }),
          UNREACHABLE[family],
          { ...network, destination: VIRTUAL[family] } as typeof network,
          { ...transport, destination: 80 } as typeof transport,
          ...rest,
        ]),
      );
    });
  }

  test('nothing else of what this host sends is looked at', () => {
    const port = client++;
    const others = [
      // A client on this host, of a VIP.
      [
        lab.toRouter,
        ip('inet', { source: CLIENT.inet, destination: VIRTUAL.inet }),
        ...TRANSPORTS.udp(port, 80),
      ],
      [
        lab.toRouter,
        ip('inet', { source: SERVER.inet, destination: CLIENT.inet }),
        ...TRANSPORTS.udp(SERVER_PORT, port),
      ],
    ];
    const counted = lab.total(TOTAL_PACKETS);
    for (const packet of others) {
      const { verdict, layers } = lab.run('vipr_egress', packet);
      assert.equal(verdict, 'pass');
      assert.deepEqual(layers, packet);
    }
    lab.set({});
    const request = { source: CLIENT.inet, destination: VIRTUAL.inet };
    lab.run('vipr_ingress', [lab.fromRouter, ip('inet', request), ...TRANSPORTS.udp(port, 80)]);
    const reply = [
      lab.toRouter,
      ip('inet', { source: SERVER.inet, destination: CLIENT.inet }),
      ...TRANSPORTS.udp(SERVER_PORT, port),
    ];
    assert.deepEqual(lab.run('vipr_egress', reply).layers, reply);
    assert.equal(lab.total(TOTAL_PACKETS), counted + 1);
  });
});
