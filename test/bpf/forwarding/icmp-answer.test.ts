import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  TOTAL_ICMP_SENT,
  TOTAL_NO_DESTINATION,
  TOTAL_NO_NEXT_HOP,
  TOTAL_TOO_BIG,
  TOTAL_TTL_EXCEEDED,
} from '../../../src/engines/ebpf/layout.gen.ts';
import { data, icmp, icmpv6, ipv4, ipv6, type Layer, quoted, tcp, udp } from '../../packet/packet.ts';
import { whyNoLab } from '../harness/lab.ts';
import {
  type Circumstances,
  ForwardingLab,
  type Result,
  serverFamily,
  type Virtual,
} from './forwarding-lab.ts';
import { METHODS, type MethodName } from './method.ts';
import { asParsed, CLIENT, FAMILIES, type Family, ip, SERVER, TRANSPORTS, VIRTUAL } from './wire.ts';

const TOO_BIG = { inet: (mtu: number) => icmp(3, 4, mtu), inet6: (mtu: number) => icmpv6(2, 0, mtu) };
const TTL_EXCEEDED = { inet: icmp(11), inet6: icmpv6(3) };
const PORT_UNREACHABLE = { inet: icmp(3, 3), inet6: icmpv6(1, 4) };
const HOST_UNREACHABLE = { inet: icmp(3, 1), inet6: icmpv6(1, 3) };
/** Bytes of the longest error, and of the headers before what it quotes. */
const LONGEST = { inet: 576 - 28, inet6: 1280 - 48 };
const DIRECT = (Object.keys(METHODS) as MethodName[]).filter((name) => name !== 'masquerade');

describe('ICMP errors that the director sends', { skip: whyNoLab }, () => {
  let lab: ForwardingLab;
  let client = 20000;
  before(async () => {
    lab = await ForwardingLab.open();
  });
  after(() => lab?.close());

  for (const family of FAMILIES)
    for (const method of Object.keys(METHODS) as MethodName[])
      test(`${family}, ${method}: TTL 1 is answered from the VIP (facts 5.1, golden/15)`, () => {
        const { packet, result } = send({ family, protocol: 'udp', method }, { ttl: 1, payload: 16 });
        assertAnswer(result, family, TTL_EXCEEDED[family], packet);
        assert.ok(lab.total(TOTAL_TTL_EXCEEDED) > 0 && lab.total(TOTAL_ICMP_SENT) > 0);
      });

  for (const family of FAMILIES)
    for (const method of Object.keys(METHODS) as MethodName[])
      test(`${family}, ${method}: a packet that is too big is answered with the MTU that is left (facts 5.1, 5.4, golden/15b)`, () => {
        const virtual = { family, protocol: 'udp', method } as const;
        const left = 1400 - growth(virtual);
        lab.reach(virtual, { mtu: 1400 });
        const headers = (family === 'inet' ? 20 : 40) + 8;
        const fits = send(virtual, { df: true, payload: left - headers });
        assert.equal(fits.result.verdict, 'redirect');
        const before = lab.total(TOTAL_TOO_BIG);
        const { packet, result } = send(virtual, { df: true, payload: left - headers + 1 });
        assertAnswer(result, family, TOO_BIG[family](left), edit(packet, { ttl: 59 }));
        assert.equal(lab.total(TOTAL_TOO_BIG), before + 1);
      });

  for (const method of DIRECT)
    test(`inet, ${method}: so it is where the packet might be fragmented, which BPF cannot do`, () => {
      const virtual = { family: 'inet', protocol: 'udp', method } as const;
      lab.reach(virtual, { mtu: 1400 });
      const { packet, result } = send(virtual, { payload: 1400 });
      assertAnswer(result, 'inet', TOO_BIG.inet(1400 - growth(virtual)), edit(packet, { ttl: 59 }));
    });

  test('inet, masquerade: a packet that may be fragmented goes on through the stack, which does that (golden/15b)', () => {
    const virtual = { family: 'inet', protocol: 'udp', method: 'masquerade' } as const;
    lab.reach(virtual, { mtu: 1400 });
    const { packet, result } = send(virtual, { payload: 1400 });
    assert.equal(result.verdict, 'pass');
    const [, request, payload] = packet;
    assert.ok(request?.layer === 'udp' && payload);
    const rewritten = ip('inet', { source: CLIENT.inet, destination: SERVER.inet });
    assert.deepEqual(
      result.layers,
      asParsed([lab.fromRouter, rewritten, { ...request, destination: 8080 }, payload]),
    );
  });

  test('a tunnel through less than IP has to carry drops (facts 5.4)', () => {
    for (const [family, least] of [
      ['inet', 68],
      ['inet6', 1280],
    ] as const) {
      const virtual = { family, protocol: 'udp', method: 'ipip' } as const;
      lab.reach(virtual, { mtu: least + (family === 'inet' ? 20 : 40) - 1 });
      assert.equal(send(virtual, { df: true, payload: 1300 }).result.verdict, 'drop');
    }
  });

  for (const family of FAMILIES)
    test(`${family}: of a packet that the kernel is yet to cut, the segments have to fit`, () => {
      const virtual = { family, protocol: 'tcp', method: 'masquerade' } as const;
      lab.reach(virtual, { mtu: 1400 });
      const headers = (family === 'inet' ? 20 : 40) + 20;
      const fits = send(virtual, { df: true, payload: 3000 }, { segment: 1400 - headers });
      assert.equal(fits.result.verdict, 'redirect');
      const { packet, result } = send(virtual, { df: true, payload: 3000 }, { segment: 1401 - headers });
      assertAnswer(result, family, TOO_BIG[family](1400), edit(packet, { ttl: 59 }));
    });

  for (const family of FAMILIES)
    for (const protocol of ['tcp', 'udp', 'sctp'] as const)
      test(`${family}, ${protocol}: without a server, port unreachable (facts 3.4)`, async () => {
        const virtual = { family, protocol, method: 'direct' } as const;
        const { port } = METHODS.direct;
        const address = family === 'inet' ? VIRTUAL.inet : `[${VIRTUAL.inet6}]`;
        const server = family === 'inet' ? SERVER.inet : `[${SERVER.inet6}]`;
        const flag = { tcp: '-t', udp: '-u', sctp: '--sctp-service' }[protocol];
        await lab.configure(`-e ${flag} ${address}:${port} -r ${server}:${port} -g -w 0`);
        const ends = { source: CLIENT[family], destination: VIRTUAL[family] };
        const packet = [ip(family, ends), ...TRANSPORTS[protocol](client++, port)];
        const counted = lab.total(TOTAL_NO_DESTINATION);
        const result = lab.run('vipr_ingress', [lab.fromRouter, ...packet], { summed: false });
        assertAnswer(result, family, PORT_UNREACHABLE[family], packet);
        assert.equal(lab.total(TOTAL_NO_DESTINATION), counted + 1);
        await lab.configure(`-e ${flag} ${address}:${port} -r ${server}:${port} -g -w 1`);
        lab.reach(virtual, {});
      });

  for (const family of FAMILIES)
    test(`${family}: without a way to the server, host unreachable (facts 5.1)`, async () => {
      const flag = family === 'inet' ? '192.0.2.10:200' : '[2001:db8::10]:200';
      // The kernel forwards nothing to the host itself, which the director did not say it was.
      const server = family === 'inet' ? '10.1.255.1:200' : '[fd01:0:ff::1]:200';
      await lab.configure(`-A -u ${flag} -s rr\n-a -u ${flag} -r ${server} -g`);
      const destination = lab.maps.destinations.at(-1);
      assert.ok(destination);
      const key = new Uint8Array(Uint32Array.of(destination.slot).buffer);
      lab.plane.map('next_hops').update(key, new Uint8Array(lab.plane.map('next_hops').valueSize));
      const ends = { source: CLIENT[family], destination: VIRTUAL[family] };
      const packet = [ip(family, ends), ...TRANSPORTS.udp(client++, 200)];
      const before = lab.total(TOTAL_NO_NEXT_HOP);
      const result = lab.run('vipr_ingress', [lab.fromRouter, ...packet], { summed: false });
      assertAnswer(result, family, HOST_UNREACHABLE[family], packet);
      assert.equal(lab.total(TOTAL_NO_NEXT_HOP), before + 1);
    });

  test('no error to a source that is not one host, or about a later fragment (RFC 1122, 3.2.2)', () => {
    for (const source of ['224.0.0.1', '255.255.255.255', '0.0.0.0', '127.0.0.1']) {
      const packet = [
        ip('inet', { source, destination: VIRTUAL.inet, ttl: 1 }),
        ...TRANSPORTS.udp(client++, 81),
      ];
      assert.equal(lab.run('vipr_ingress', [lab.fromRouter, ...packet]).verdict, 'drop', source);
    }
  });

  test('a thousand errors a second, and then none but those about the MTU', () => {
    let answers = 0;
    for (let nth = 0; nth < 4000; nth++) {
      const { result } = send({ family: 'inet', protocol: 'udp', method: 'direct' }, { ttl: 1, payload: 16 });
      if (result.verdict === 'redirect') answers++;
    }
    assert.ok(answers >= 1 && answers < 4000, `${answers} answers`);
    const virtual = { family: 'inet', protocol: 'udp', method: 'direct' } as const;
    lab.reach(virtual, { mtu: 1400 });
    const { packet, result } = send(virtual, { df: true, payload: 1400 });
    assertAnswer(result, 'inet', TOO_BIG.inet(1400), edit(packet, { ttl: 59 }));
    lab.reach(virtual, {});
  });

  interface Sent {
    readonly ttl?: number;
    readonly df?: boolean;
    readonly payload: number;
  }

  function send(
    { family, protocol, method }: Virtual,
    { payload, ...fields }: Sent,
    circumstances?: Circumstances,
  ) {
    const { port } = METHODS[method];
    const ends = { source: CLIENT[family], destination: VIRTUAL[family] };
    const source = client++;
    const transport: Layer =
      protocol === 'tcp'
        ? tcp({ source, destination: port, flags: ['syn'] })
        : udp({ source, destination: port });
    const packet = [ip(family, { ...ends, ...fields }), transport, data(Buffer.alloc(payload, 'vipr'))];
    const result = lab.run('vipr_ingress', [lab.fromRouter, ...packet], { summed: false, ...circumstances });
    return { packet, result };
  }

  /** The error goes back to the router, from the VIP to the client. */
  function assertAnswer(result: Result, family: Family, error: Layer, packet: readonly Layer[]): void {
    assert.equal(result.verdict, 'redirect');
    const ends = { source: VIRTUAL[family], destination: CLIENT[family] };
    const out = result.layers[1];
    const header =
      family === 'inet' ? ipv4({ ...ends, tos: 0xc8, id: out?.layer === 'ipv4' ? out.id : 0 }) : ipv6(ends);
    assert.deepEqual(
      result.layers,
      asParsed([lab.toRouter, header, error, ...quoted(packet, LONGEST[family])]),
    );
  }
});

/** How much of the MTU a tunnel takes. */
function growth(virtual: Virtual): number {
  const method = METHODS[virtual.method];
  return 'part' in method ? method.part + (serverFamily(virtual) === 'inet' ? 20 : 40) : 0;
}

function edit(packet: readonly Layer[], { ttl }: { ttl: number }): Layer[] {
  return packet.map((layer) => {
    if (layer.layer === 'ipv4') return { ...layer, ttl };
    return layer.layer === 'ipv6' ? { ...layer, hopLimit: ttl } : layer;
  });
}
