import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { SETTING_PMTU_DISC } from '../../../src/engines/ebpf/layout.gen.ts';
import { gre, gue, ipv4, ipv6, type Layer, udp } from '../../packet/packet.ts';
import { whyNoLab } from '../harness/lab.ts';
import {
  BOTH_HOOKS,
  ForwardingLab,
  type Program,
  type Result,
  serverFamily,
  type Virtual,
} from './forwarding-lab.ts';
import { GUE_PORT, METHODS, type MethodName } from './method.ts';
import {
  asParsed,
  CLIENT,
  DIRECTOR,
  FAMILIES,
  type Family,
  ip,
  protocolOf,
  SERVER,
  TRANSPORT_NAMES,
  TRANSPORTS,
  type TransportName,
  VIRTUAL,
} from './wire.ts';

const TUNNELS = (Object.keys(METHODS) as MethodName[]).filter((name) => 'part' in METHODS[name]);

describe('tunnels', { skip: whyNoLab }, () => {
  let lab: ForwardingLab;
  let client = 20000;
  before(async () => {
    lab = await ForwardingLab.open();
    lab.set({ flags: SETTING_PMTU_DISC });
  });
  after(() => lab?.close());

  for (const program of BOTH_HOOKS)
    for (const method of TUNNELS)
      for (const family of FAMILIES)
        test(`${program}, ${method}, ${family}: an outer header around the packet (facts 5.4, golden/15 and 28)`, () => {
          for (const name of TRANSPORT_NAMES) {
            for (const df of family === 'inet' ? [true, false] : [false]) {
              const virtual = { family, protocol: protocolOf(name), method };
              const packet = { source: CLIENT[family], destination: VIRTUAL[family], df };
              const transport = TRANSPORTS[name](client++, METHODS[method].port);
              const request = [lab.fromRouter, ip(family, packet), ...transport];
              const sent = lab.run(program, request);
              if (isLeftToTc(program, method, name)) {
                assert.equal(sent.verdict, 'pass', name);
                assert.deepEqual(sent.layers, asParsed(request));
                continue;
              }
              assert.equal(sent.verdict, 'redirect', name);
              const inner = [ip(family, { ...packet, ttl: 59 }), ...transport];
              const expected = [lab.toServer(virtual), ...outside(virtual, df, sent), ...inner];
              assert.deepEqual(sent.layers, asParsed(expected), `${name}, DF ${df}`);
            }
          }
        });

  test('the outer header has the ECN bits of the packet, but for "congestion experienced" (RFC 3168 9.1.1)', () => {
    for (const program of BOTH_HOOKS)
      for (const family of FAMILIES)
        for (const [tos, outer] of [
          [0x29, 0x29],
          [0x2a, 0x2a],
          [0x2b, 0x2a],
        ] as const) {
          const packet = ip(family, { source: CLIENT[family], destination: VIRTUAL[family], tos });
          const transport = TRANSPORTS.udp(client++, METHODS.ipip.port);
          const [, around, inside] = lab.run(program, [lab.fromRouter, packet, ...transport]).layers;
          assert.deepEqual([tosOf(around), tosOf(inside)], [outer, tos]);
        }
  });

  test('without pmtu_disc the outer header never forbids fragmentation (facts 5.4)', () => {
    lab.set({});
    for (const program of BOTH_HOOKS) {
      const packet = { source: CLIENT.inet, destination: VIRTUAL.inet, df: true };
      const virtual = { family: 'inet', protocol: 'udp', method: 'ipip' } as const;
      const transport = TRANSPORTS.udp(client++, METHODS.ipip.port);
      const sent = lab.run(program, [lab.fromRouter, ip('inet', packet), ...transport]);
      const inner = [ip('inet', { ...packet, ttl: 59 }), ...transport];
      assert.deepEqual(
        sent.layers,
        asParsed([lab.toServer(virtual), ...outside(virtual, false, sent), ...inner]),
      );
    }
    lab.set({ flags: SETTING_PMTU_DISC });
  });
});

function tosOf(layer: Layer | undefined): number | undefined {
  if (layer?.layer === 'ipv4') return layer.tos;
  return layer?.layer === 'ipv6' ? layer.trafficClass : undefined;
}

/** XDP does not read a whole packet to sum it up. */
function isLeftToTc(program: Program, method: MethodName, name: TransportName): boolean {
  return program === 'vipr_xdp' && / checksum/.test(method) && name !== 'tcp' && name !== 'udp';
}

/** What the tunnel puts around; what chance chose is taken from the packet that came out. */
function outside(virtual: Virtual, df: boolean, { layers }: Result): Layer[] {
  const family = serverFamily(virtual);
  const ends = { source: DIRECTOR[family], destination: SERVER[family] };
  const out = layers[1];
  if (out?.layer === 'ipv4') assert.ok(!df || out.id === 0);
  return [outerIp(family, ends, df, out?.layer === 'ipv4' ? out.id : 0), ...part(virtual, layers[2])];
}

function outerIp(
  family: Family,
  ends: { source: string; destination: string },
  df: boolean,
  id: number,
): Layer {
  if (family === 'inet') return ipv4({ ...ends, ttl: 59, tos: 0x28, df, id });
  return ipv6({ ...ends, hopLimit: 59, trafficClass: 0x28 });
}

function part({ method }: Virtual, out: Layer | undefined): Layer[] {
  if (method.startsWith('gre')) return [gre({ checksum: method === 'gre' ? 'none' : 'right' })];
  if (!method.startsWith('gue')) return [];
  assert.ok(out?.layer === 'udp' && out.source >= 32768, 'source port of GUE');
  const checksum = method === 'gue' ? 'none' : 'right';
  return [udp({ source: out.source, destination: GUE_PORT, checksum }), gue()];
}
