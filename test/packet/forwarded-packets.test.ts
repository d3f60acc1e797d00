import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FORWARDED_PACKETS } from '../vectors/forwarded-packets.ts';
import { build } from './build.ts';
import { data } from './data.ts';
import { edited } from './edited.ts';
import { gre } from './gre.ts';
import { gue } from './gue.ts';
import { icmp } from './icmp.ts';
import { ipv4 } from './ipv4.ts';
import { ipv6 } from './ipv6.ts';
import type { Layer } from './layer.ts';
import { parsePacket } from './parse.ts';
import { quoted } from './quoted.ts';
import { udp } from './udp.ts';

const inet = { source: '10.1.0.2', destination: '192.0.2.10', tos: 0x28, ttl: 59, df: true };
const inet6 = { source: 'fd01::2', destination: '2001:db8::10', trafficClass: 0x28, hopLimit: 59 };
const outer = ipv4({ ...inet, source: '10.2.0.1', destination: '10.2.0.11' });
const outer6 = ipv6({ ...inet6, source: 'fd02::1', destination: 'fd02::11' });
const payload = data('abcdefgh........');
const datagram = (source: number): Layer[] => [udp({ source, destination: 53 }), payload];

/** What the recorded packets are; the numbers are those that the kernel chose. */
const SERVER_SIDE: readonly (readonly [options: string, family: string, layers: readonly Layer[]])[] = [
  ['-m', 'inet', [ipv4({ ...inet, destination: '10.2.0.11' }), ...datagram(7001)]],
  ['-g', 'inet', [ipv4(inet), ...datagram(7002)]],
  ['-i', 'inet', [outer, ipv4(inet), ...datagram(7003)]],
  [
    '-i --tun-type gue --tun-port 6080',
    'inet',
    [
      outer,
      udp({ source: 43100, destination: 6080, checksum: 'none' }),
      gue(),
      ipv4(inet),
      ...datagram(7004),
    ],
  ],
  [
    '-i --tun-type gue --tun-port 6080 --tun-csum',
    'inet',
    [outer, udp({ source: 42955, destination: 6080 }), gue(), ipv4(inet), ...datagram(7005)],
  ],
  ['-i --tun-type gre', 'inet', [outer, gre(), ipv4(inet), ...datagram(7007)]],
  [
    '-i --tun-type gre --tun-csum',
    'inet',
    [outer, gre({ checksum: 'right' }), ipv4(inet), ...datagram(7008)],
  ],
  ['-m', 'inet6', [ipv6({ ...inet6, destination: 'fd02::11', flowLabel: 0x5775e }), ...datagram(7001)]],
  ['-g', 'inet6', [ipv6({ ...inet6, flowLabel: 0x65d73 }), ...datagram(7002)]],
  ['-i', 'inet6', [outer6, ipv6({ ...inet6, flowLabel: 0xf8a40 }), ...datagram(7003)]],
  [
    '-i --tun-type gue --tun-port 6080',
    'inet6',
    [
      outer6,
      udp({ source: 51549, destination: 6080, checksum: 'none' }),
      gue(),
      ipv6({ ...inet6, flowLabel: 0xeaa04 }),
      ...datagram(7004),
    ],
  ],
  ['-i --tun-type gre', 'inet6', [outer6, gre(), ipv6({ ...inet6, flowLabel: 0x88b46 }), ...datagram(7005)]],
];

describe('packets that IPVS forwarded', () => {
  for (const [options, family, layers] of SERVER_SIDE) {
    it(`${family} ${options} is parsed to what it is, and built to the same bytes`, () => {
      const recorded = FORWARDED_PACKETS.find(
        (entry) => entry.options === options && entry.family === family,
      );
      const [hex = ''] = recorded?.serverSide ?? [];
      assert.deepEqual(parsePacket(Buffer.from(hex, 'hex')), layers);
      assert.equal(build(layers).toString('hex'), hex);
    });
  }

  it('6in4 and 4in6', () => {
    const mixed = FORWARDED_PACKETS.filter(({ serverFamily }) => serverFamily !== undefined);
    const [sixInFour, fourInSix] = mixed.map(({ serverSide }) =>
      parsePacket(Buffer.from(serverSide[0] ?? '', 'hex')),
    );
    const outerNoDf = ipv4({ ...outer, df: false, id: 51583 });
    assert.deepEqual(sixInFour, [outerNoDf, ipv6({ ...inet6, flowLabel: 0xfcc2d }), ...datagram(7006)]);
    assert.deepEqual(fourInSix, [outer6, ipv4(inet), ...datagram(7007)]);
  });

  it('time exceeded, with what it quotes', () => {
    const [sent = '', error = ''] = FORWARDED_PACKETS.find(({ but }) => but === 'TTL 1')?.clientSide ?? [];
    const request = [ipv4({ ...inet, ttl: 1 }), ...datagram(7012)];
    assert.deepEqual(parsePacket(Buffer.from(sent, 'hex')), request);
    const answer = [
      ipv4({ source: '192.0.2.10', destination: '10.1.0.2', tos: 0xc8, id: 20764 }),
      icmp(11),
      ...request,
    ];
    assert.deepEqual(parsePacket(Buffer.from(error, 'hex')), answer);
    assert.deepEqual(quoted(request, 1500), request);
  });

  it('all have right checksums, and are built to the same bytes', () => {
    for (const { clientSide, serverSide } of FORWARDED_PACKETS) {
      for (const hex of [...clientSide, ...serverSide]) {
        const layers = parsePacket(Buffer.from(hex, 'hex'));
        for (const layer of layers) {
          if ('checksum' in layer && layer.checksum !== 'none') assert.equal(layer.checksum, 'right', hex);
        }
        assert.equal(build(layers).toString('hex'), hex);
      }
    }
  });

  it('the two sides differ by what was edited', () => {
    const nat = FORWARDED_PACKETS.find(({ options, family }) => options === '-m' && family === 'inet');
    const [before, after] = [nat?.clientSide, nat?.serverSide].map((side) =>
      parsePacket(Buffer.from(side?.[0] ?? '', 'hex')),
    );
    assert.deepEqual(after, edited(before ?? [], { ipv4: { ttl: 59, destination: '10.2.0.11' } }));
  });
});
