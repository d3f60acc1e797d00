import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encapsulate } from '../../src/health/path/encapsulate.ts';
import { encodeIpPacket } from '../../src/health/path/ip-packet.ts';
import { readPathAnswer, type SentSegment } from '../../src/health/path/path-answer.ts';
import { encodeTcpSegment, IPPROTO_TCP, TCP_RST, TCP_SYN } from '../../src/health/path/tcp-segment.ts';
import { addressBytes, type IpAddress } from '../../src/model/address.ts';
import type { Tunnel } from '../../src/model/destination.ts';
import type { Port } from '../../src/model/unit.ts';
import {
  build,
  gre,
  gue,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  type Layer,
  parsePacket,
  quoted,
  tcp,
  udp,
} from '../packet/packet.ts';

const FAMILIES = {
  IPv4: { source: '10.0.0.1', destination: '192.0.2.10', far: '10.0.0.11', ip: ipv4, more: { df: true } },
  IPv6: { source: 'fd00::1', destination: '2001:db8::10', far: 'fd00::11', ip: ipv6, more: {} },
} as const;
const MSS = [{ kind: 'maximum-segment-size', bytes: 1220 }] as const;

for (const [name, family] of Object.entries(FAMILIES)) {
  const { source, destination, far } = family;
  const ends = { source: bytes(source), destination: bytes(destination) };
  const header = (from: string, to: string, ttl: number): Layer =>
    family.ip === ipv4
      ? ipv4({ source: from, destination: to, ttl, ...family.more })
      : ipv6({ source: from, destination: to, hopLimit: ttl });
  const ports = { sourcePort: 40_000, destinationPort: 80 };
  const packet = (flags: number): Uint8Array =>
    encodeIpPacket({
      ...ends,
      protocol: IPPROTO_TCP,
      hopLimit: 2,
      payload: encodeTcpSegment({ ...ports, sequence: 0xfffffffe, acknowledgement: 0, flags }, ends),
    });
  const syn = [
    header(source, destination, 2),
    tcp({ source: 40_000, destination: 80, sequence: 0xfffffffe, flags: ['syn'], options: MSS }),
  ];

  describe(`packets of the path check, ${name}`, () => {
    it('are SYN and RST with right lengths and checksums', () => {
      assert.deepEqual(parsePacket(packet(TCP_SYN)), syn);
      assert.deepEqual(parsePacket(packet(TCP_RST)), [
        header(source, destination, 2),
        tcp({ source: 40_000, destination: 80, sequence: 0xfffffffe, flags: ['rst'] }),
      ]);
    });

    const GUE_PORTS = { source: 40_000, destination: 6080 };
    const TUNNELS: [Tunnel['type'], Tunnel['checksum'], readonly Layer[]][] = [
      ['ipip', 'none', []],
      ['gre', 'none', [gre()]],
      ['gre', 'checksum', [gre({ checksum: 'right' })]],
      ['gue', 'none', [udp({ ...GUE_PORTS, checksum: 'none' }), gue()]],
      ['gue', 'checksum', [udp(GUE_PORTS), gue()]],
      ['gue', 'remote', [udp(GUE_PORTS), gue()]],
    ];
    for (const [type, checksum, between] of TUNNELS)
      for (const outer of Object.values(FAMILIES))
        it(`are wrapped by ${type} with the checksum ${checksum} for ${outer.far}`, () => {
          const tunnel: Tunnel = { type, checksum, port: (type === 'gue' ? 6080 : 0) as Port };
          const way = { source: bytes(outer.source), destination: bytes(outer.far) };
          const [first, ...rest] = parsePacket(encapsulate(packet(TCP_SYN), tunnel, way, 40_000));
          assert.ok(first?.layer === 'ipv4' || first?.layer === 'ipv6');
          assert.deepEqual([first.source, first.destination], [outer.source, outer.far]);
          assert.deepEqual(rest, [...between, ...syn]);
        });
  });

  const sent: SentSegment = { ...ends, ...ports, sequence: 0xfffffffe };
  const answer = (fields: Partial<Parameters<typeof tcp>[0]>, from: string = destination): Uint8Array =>
    build([
      header(from, source, 60),
      tcp({ source: 80, destination: 40_000, acknowledgement: 0xffffffff, flags: ['syn', 'ack'], ...fields }),
    ]);

  describe(`answers to the path check, ${name}`, () => {
    it('accept or refuse', () => {
      assert.deepEqual(readPathAnswer(answer({}), sent), { kind: 'accepted' });
      assert.deepEqual(readPathAnswer(answer({ flags: ['rst', 'ack'] }), sent), { kind: 'refused' });
      // The number after the largest one is 0.
      const wrapped = { ...sent, sequence: 0xffffffff };
      assert.deepEqual(readPathAnswer(answer({ acknowledgement: 0 }), wrapped), { kind: 'accepted' });
    });

    it('are of this SYN, or none', () => {
      const others = [
        answer({}, far),
        answer({ source: 81 }),
        answer({ destination: 40_001 }),
        answer({ acknowledgement: 5 }),
        answer({ flags: ['ack'] }),
        answer({ flags: ['syn'] }),
        answer({}).subarray(0, 30),
        new Uint8Array(),
        Uint8Array.of(0x45),
        Uint8Array.of(0x60),
      ];
      for (const other of others) assert.equal(readPathAnswer(other, sent), undefined);
    });

    it('may be ICMP errors about the SYN, or what is around it', () => {
      const error = (type: 'unreachable' | 'expired', layers: readonly Layer[]): Uint8Array => {
        const message =
          family.ip === ipv4
            ? { expired: icmp(11), unreachable: icmp(3, 1) }[type]
            : { expired: icmpv6(3), unreachable: icmpv6(1, 3) }[type];
        return build([header(far, source, 60), message, ...quoted(layers, 120)]);
      };
      const unreachable = { kind: 'unreachable', text: 'host unreachable', from: far };
      assert.deepEqual(readPathAnswer(error('unreachable', syn), sent), { ...unreachable, about: 'segment' });
      assert.deepEqual(readPathAnswer(error('expired', syn), sent), { kind: 'expired', from: far });
      const other = [syn[0] as Layer, tcp({ source: 1, destination: 80, flags: ['syn'] })];
      assert.equal(readPathAnswer(error('unreachable', other), sent), undefined);

      const wrapped = [header(source, far, 64), udp({ source: 40_000, destination: 6080 }), gue(), ...syn];
      const inTunnel = { ...sent, outer: { destination: bytes(far), protocol: 17 } };
      const about = { ...unreachable, about: 'tunnel' };
      assert.deepEqual(readPathAnswer(error('unreachable', wrapped), inTunnel), about);
      assert.equal(readPathAnswer(error('unreachable', wrapped), sent), undefined);
      const query = [header(source, far, 64), udp({ source: 40_001, destination: 53 })];
      assert.equal(readPathAnswer(error('unreachable', query), inTunnel), undefined);
    });
  });
}

function bytes(text: string): Uint8Array {
  return addressBytes(text as IpAddress);
}
