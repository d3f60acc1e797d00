import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TOTAL_PACKETS, TOTAL_PUNTED } from '../../../src/engines/ebpf/layout.gen.ts';
import {
  build,
  data,
  destinationOptions,
  edited,
  ethernet,
  hopByHop,
  ipv4,
  ipv6,
  type Layer,
  routing,
  tcp,
  udp,
  vlan,
} from '../../packet/packet.ts';
import { whyNoLab } from '../harness/lab.ts';
import { BOTH_HOOKS, ForwardingLab } from './forwarding-lab.ts';
import { METHODS, SERVER_PORT } from './method.ts';
import { asParsed, CLIENT, ip, SERVER, TRANSPORTS, VIRTUAL } from './wire.ts';

const { port } = METHODS.masquerade;
const TO_VIRTUAL = {
  inet: { source: CLIENT.inet, destination: VIRTUAL.inet },
  inet6: { source: CLIENT.inet6, destination: VIRTUAL.inet6 },
};

describe('packets that are left alone', { skip: whyNoLab }, () => {
  let lab: ForwardingLab;
  let client = 20000;
  before(async () => {
    lab = await ForwardingLab.open();
  });
  after(() => lab?.close());

  for (const program of BOTH_HOOKS) {
    test(`${program}: what is not for a VIP passes and counts nowhere`, () => {
      const datagram = TRANSPORTS.udp(client++, port);
      const counted = lab.total(TOTAL_PACKETS) + lab.total(TOTAL_PUNTED);
      const other = { ...TO_VIRTUAL.inet, destination: '192.0.2.77' };
      assertUntouched(program, [
        [lab.fromRouter, ip('inet', other), ...datagram],
        [lab.fromRouter, ipv4({ ...other, options: '01010101' }), ...datagram],
        [lab.fromRouter, ip('inet6', { ...TO_VIRTUAL.inet6, destination: '2001:db8::77' }), ...datagram],
        [lab.fromRouter, ipv6({ ...TO_VIRTUAL.inet6, destination: '2001:db8::77' }), hopByHop(), ...datagram],
        [ethernet({ destination: lab.network.clients.mac, type: 0x0806 }), data('an ARP packet, say')],
        [lab.fromRouter, ip('inet', { ...TO_VIRTUAL.inet }), ...TRANSPORTS.udp(client++, 4444)],
      ]);
      assert.equal(lab.total(TOTAL_PACKETS) + lab.total(TOTAL_PUNTED), counted);
    });

    test(`${program}: frames for other hosts, and those of VLANs, pass: these come by again (facts 3.3)`, () => {
      const packet = [ip('inet', TO_VIRTUAL.inet), ...TRANSPORTS.udp(client++, port)];
      assertUntouched(program, [
        [ethernet({ destination: '02:00:00:00:00:99' }), ...packet],
        [ethernet({ destination: 'ff:ff:ff:ff:ff:ff' }), ...packet],
        [ethernet({ destination: '01:00:5e:00:00:01' }), ...packet],
        [lab.fromRouter, vlan({ id: 7 }), ...packet],
      ]);
    });

    test(`${program}: malformed packets pass: the stack throws them away`, () => {
      const transport = TRANSPORTS.udp(client++, port);
      const whole = build([lab.fromRouter, ip('inet', TO_VIRTUAL.inet), ...transport]);
      const whole6 = build([lab.fromRouter, ip('inet6', TO_VIRTUAL.inet6), ...transport]);
      const packets: Buffer[] = [
        whole.subarray(0, whole.length - 1),
        whole6.subarray(0, whole6.length - 1),
        // The kernel runs programs of tc on nothing shorter than an IP header.
        ...Array.from({ length: whole.length - 34 }, (_, index) => whole.subarray(0, 34 + index)),
        changed(whole, 14, 0x55),
        changed(whole, 14, 0x44),
        changed(whole6, 14, 0x40),
        changed(whole, 23, 50),
        changed(whole6, 20, 59),
        build([lab.fromRouter, { ...ipv4(TO_VIRTUAL.inet), length: 27 }, ...transport]),
      ];
      for (const packet of packets) {
        const { verdict, bytes } = lab.run(program, packet);
        assert.equal(verdict, 'pass', packet.toString('hex'));
        assert.deepEqual(bytes, packet);
      }
    });

    test(`${program}: a padded frame is forwarded with its padding`, () => {
      const [network] = [ip('inet', TO_VIRTUAL.inet)];
      assert.ok(network.layer === 'ipv4');
      const packet = [
        lab.fromRouter,
        { ...network, trailer: '00'.repeat(9) },
        udp({ source: client++, destination: port }),
      ];
      const { verdict, layers } = lab.run(program, packet);
      assert.equal(verdict, 'redirect');
      assert.ok(layers[1]?.layer === 'ipv4');
      assert.equal(layers[1].trailer, '00'.repeat(9));
    });
  }

  for (const [name, headers] of [
    ['IP options', (): Layer[] => [ipv4({ ...TO_VIRTUAL.inet, ttl: 60, options: '01010101' })]],
    ['hop-by-hop options', (): Layer[] => [ipv6({ ...TO_VIRTUAL.inet6, hopLimit: 60 }), hopByHop()]],
    [
      'several extension headers',
      (): Layer[] => [
        ipv6({ ...TO_VIRTUAL.inet6, hopLimit: 60 }),
        hopByHop(),
        destinationOptions(),
        routing({ body: '000000000000' }),
        destinationOptions(),
      ],
    ],
  ] as const)
    test(`${name}: XDP leaves the packet to tc, which forwards it with them`, () => {
      const source = client++;
      const packet = [lab.fromRouter, ...headers(), tcp({ source, destination: port, flags: ['syn'] })];
      const punted = lab.total(TOTAL_PUNTED);
      assertUntouched('vipr_xdp', [packet]);
      assert.equal(lab.total(TOTAL_PUNTED), punted + 1);
      const { verdict, layers } = lab.run('vipr_ingress', packet);
      assert.equal(verdict, 'redirect');
      const family = packet[1]?.layer === 'ipv4' ? 'inet' : 'inet6';
      const virtual = { family, protocol: 'tcp', method: 'masquerade' } as const;
      const translated = edited(packet, {
        [family === 'inet' ? 'ipv4' : 'ipv6']: {
          destination: SERVER[family],
          ...(family === 'inet' ? { ttl: 59 } : { hopLimit: 59 }),
        },
        tcp: { destination: SERVER_PORT },
      });
      assert.deepEqual(layers, asParsed([lab.toServer(virtual), ...translated.slice(1)]));
    });

  test('a routing header that is not done leads elsewhere: it passes', () => {
    const transport = TRANSPORTS.udp(client++, port);
    assertUntouched('vipr_ingress', [
      [lab.fromRouter, ipv6(TO_VIRTUAL.inet6), routing({ body: '000100000000' }), ...transport],
    ]);
  });

  test('too many extension headers pass', () => {
    const many = Array.from({ length: 7 }, () => destinationOptions());
    assertUntouched('vipr_ingress', [
      [lab.fromRouter, ipv6(TO_VIRTUAL.inet6), ...many, ...TRANSPORTS.udp(client++, port)],
    ]);
  });

  test('XDP leaves an exceeded TTL or MTU to tc, uncounted', () => {
    const virtual = { family: 'inet', protocol: 'udp', method: 'direct' } as const;
    const counted = lab.total(TOTAL_PACKETS);
    lab.reach(virtual, { mtu: 40 });
    const destination = METHODS.direct.port;
    assertUntouched('vipr_xdp', [
      [lab.fromRouter, ip('inet', TO_VIRTUAL.inet), ...TRANSPORTS.udp(client++, destination)],
      [lab.fromRouter, ip('inet', { ...TO_VIRTUAL.inet, ttl: 1 }), ...TRANSPORTS.udp(client++, destination)],
    ]);
    lab.reach(virtual, {});
    assert.equal(lab.total(TOTAL_PACKETS), counted);
  });

  function assertUntouched(
    program: (typeof BOTH_HOOKS)[number],
    packets: readonly (readonly Layer[])[],
  ): void {
    for (const packet of packets) {
      const { verdict, bytes } = lab.run(program, packet);
      assert.equal(verdict, 'pass', JSON.stringify(packet));
      assert.deepEqual(bytes, build(packet));
    }
  }
});

function changed(packet: Buffer, at: number, octet: number): Buffer {
  const result = Buffer.from(packet);
  result[at] = octet;
  return result;
}
