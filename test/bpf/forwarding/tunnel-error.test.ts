import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gre, gue, icmp, icmpv6, ipv4, ipv6, type Layer, quoted, udp } from '../../packet/packet.ts';
import { whyNoLab } from '../harness/lab.ts';
import { ForwardingLab, serverFamily, type Virtual } from './forwarding-lab.ts';
import { GUE_PORT, METHODS, type MethodName } from './method.ts';
import {
  asParsed,
  CLIENT,
  DIRECTOR,
  FAMILIES,
  type Family,
  ip,
  SERVER,
  TRANSPORTS,
  VIRTUAL,
} from './wire.ts';

const ROUTER = { inet: '10.2.9.9', inet6: 'fd02::9' };
const TOO_BIG = { inet: (mtu: number) => icmp(3, 4, mtu), inet6: (mtu: number) => icmpv6(2, 0, mtu) };
const UNREACHABLE = { inet: icmp(3, 2), inet6: icmpv6(1, 1) };
const HOST_UNREACHABLE = { inet: icmp(3, 1), inet6: icmpv6(1, 3) };
const TUNNELS = (Object.keys(METHODS) as MethodName[]).filter((name) => 'part' in METHODS[name]);

describe('ICMP errors about what the director put into a tunnel (facts 5.7, golden/15b)', {
  skip: whyNoLab,
}, () => {
  let lab: ForwardingLab;
  let client = 20000;
  before(async () => {
    lab = await ForwardingLab.open();
  });
  after(() => lab?.close());

  for (const family of FAMILIES)
    for (const method of TUNNELS) {
      const virtual = { family, protocol: 'udp', method } as const;
      const outer = serverFamily(virtual);

      test(`${family}, ${method}: too big becomes too big for the client, less the tunnel`, () => {
        const packet = request(virtual, true);
        const { verdict, layers } = hear(virtual, TOO_BIG[outer](1400), packet);
        assert.equal(verdict, 'redirect');
        assertHeard(layers, virtual, TOO_BIG[family](1400 - growth(virtual)), packet);
      });

      test(`${family}, ${method}: unreachable is told to the client`, () => {
        const packet = request(virtual, false);
        const { verdict, layers } = hear(virtual, UNREACHABLE[outer], packet);
        assert.equal(verdict, 'redirect');
        const error = family === outer ? UNREACHABLE[family] : HOST_UNREACHABLE[family];
        assertHeard(layers, virtual, error, packet);
      });
    }

  test('too big is not told about a packet that may be fragmented', () => {
    const virtual = { family: 'inet', protocol: 'udp', method: 'ipip' } as const;
    assert.equal(hear(virtual, TOO_BIG.inet(1400), request(virtual, false)).verdict, 'drop');
  });

  test('an error that quotes less than the inner packet passes to the host', () => {
    const virtual = { family: 'inet', protocol: 'udp', method: 'ipip' } as const;
    const quotation = quoted([...around(virtual), ...request(virtual, true)], 28);
    const packet = [
      lab.fromServer,
      ip('inet', { source: ROUTER.inet, destination: DIRECTOR.inet }),
      icmp(3, 3),
      ...quotation,
    ];
    assert.equal(lab.run('vipr_ingress', packet, { on: 'servers' }).verdict, 'pass');
  });

  test('an error about a tunnel to somebody else passes to the host', () => {
    const virtual = { family: 'inet', protocol: 'udp', method: 'ipip' } as const;
    const other = ipv4({ source: DIRECTOR.inet, destination: '10.2.0.77' });
    const packet = [
      lab.fromServer,
      ip('inet', { source: ROUTER.inet, destination: DIRECTOR.inet }),
      icmp(3, 3),
      other,
      ...request(virtual, true),
    ];
    assert.equal(lab.run('vipr_ingress', packet, { on: 'servers' }).verdict, 'pass');
  });

  /** The packet inside the tunnel, of a connection that it opened. */
  function request({ family, method }: Virtual, df: boolean): Layer[] {
    const ends = { source: CLIENT[family], destination: VIRTUAL[family], df };
    const transport = TRANSPORTS.udp(client++, METHODS[method].port);
    assert.equal(
      lab.run('vipr_ingress', [lab.fromRouter, ip(family, ends), ...transport]).verdict,
      'redirect',
    );
    return [ip(family, { ...ends, ttl: 59 }), ...transport];
  }

  function hear(virtual: Virtual, error: Layer, packet: readonly Layer[]) {
    const outer = serverFamily(virtual);
    const ends = { source: ROUTER[outer], destination: DIRECTOR[outer] };
    const frame = [lab.fromServer, ip(outer, ends), error, ...around(virtual), ...packet];
    return lab.run('vipr_ingress', frame, { on: 'servers', summed: false });
  }

  function assertHeard(
    layers: readonly Layer[],
    { family }: Virtual,
    error: Layer,
    packet: readonly Layer[],
  ): void {
    const ends = { source: VIRTUAL[family], destination: CLIENT[family] };
    assert.deepEqual(
      layers,
      asParsed([lab.toRouter, answerHeader(family, ends, layers[1]), error, ...packet]),
    );
  }
});

function answerHeader(
  family: Family,
  ends: { source: string; destination: string },
  out: Layer | undefined,
): Layer {
  if (family === 'inet6') return ipv6(ends);
  return ipv4({ ...ends, tos: 0xc8, id: out?.layer === 'ipv4' ? out.id : 0 });
}

/** The headers of the tunnel. */
function around(virtual: Virtual): Layer[] {
  const family = serverFamily(virtual);
  const header = ip(family, { source: DIRECTOR[family], destination: SERVER[family], ttl: 59 });
  if (virtual.method.startsWith('gre'))
    return [header, gre({ checksum: virtual.method === 'gre' ? 'none' : 'right' })];
  if (!virtual.method.startsWith('gue')) return [header];
  return [header, udp({ source: 43210, destination: GUE_PORT, checksum: 'none' }), gue()];
}

function growth(virtual: Virtual): number {
  const method = METHODS[virtual.method];
  return 'part' in method ? method.part + (serverFamily(virtual) === 'inet' ? 20 : 40) : 0;
}
