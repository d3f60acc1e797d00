import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { build } from './build.ts';
import { internetChecksum, onesComplementSum } from './checksum.ts';
import { data } from './data.ts';
import { edited } from './edited.ts';
import { gre } from './gre.ts';
import { gue } from './gue.ts';
import { icmp, icmpv6 } from './icmp.ts';
import { ipv4 } from './ipv4.ts';
import { ipv6 } from './ipv6.ts';
import type { Layer } from './layer.ts';
import { parsePacket } from './parse.ts';
import { sctp } from './sctp.ts';
import { sctpChunk, sctpInit } from './sctp-chunk.ts';
import { tcp } from './tcp.ts';
import { udp } from './udp.ts';

const inet = ipv4({ source: '10.1.0.2', destination: '192.0.2.10' });
const inet6 = ipv6({ source: 'fd01::2', destination: '2001:db8::10' });
const ports = { source: 7001, destination: 80 };

/** A packet of each kind whose innermost header is checked. */
const CHECKED: readonly (readonly Layer[])[] = [
  [inet, tcp({ ...ports, flags: ['syn'] })],
  [inet6, tcp({ ...ports, flags: ['ack', 'psh'] }), data('odd')],
  [inet, udp(ports), data('abcd')],
  [inet6, udp(ports), data('abcde')],
  [inet, icmp(8, 0, 1), data('ping')],
  [inet6, icmpv6(128, 0, 1), data('ping')],
  [inet, sctp({ ...ports, tag: 7, chunks: [sctpInit('init')] })],
  [inet6, sctp({ ...ports, tag: 7, chunks: [sctpChunk('abort')] })],
  [inet, gre({ checksum: 'right' }), inet6, udp(ports)],
];

const names = (layers: readonly Layer[]): string => layers.map(({ layer }) => layer).join('/');

describe('checksums', () => {
  it('sum up as the example of RFC 1071 section 3 does', () => {
    const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
    assert.equal(onesComplementSum(bytes), 0xddf2);
    assert.equal(internetChecksum(bytes), 0x220d);
  });

  for (const layers of CHECKED) {
    it(`of ${names(layers)} are right as built, and wrong by one bit`, () => {
      const packet = build(layers);
      assert.deepEqual(parsePacket(packet), layers);
      const last = packet.length - 1;
      packet.writeUInt8(packet.readUInt8(last) ^ 1, last);
      const verdicts = parsePacket(packet).flatMap((layer) => ('checksum' in layer ? [layer.checksum] : []));
      assert.ok(
        verdicts.some((verdict) => typeof verdict === 'object' && 'wrong' in verdict),
        JSON.stringify(verdicts),
      );
    });
  }

  it('can be built wrong, and are told with what would be right', () => {
    const layers = [inet, udp({ ...ports, checksum: { wrong: 0x1234 } }), data('abcd')];
    const right = build([inet, udp(ports), data('abcd')]).readUInt16BE(26);
    assert.deepEqual(
      parsePacket(build(layers)),
      edited(layers, { udp: { checksum: { wrong: 0x1234, right } } }),
    );
  });

  it('tell a sum that the device was to finish', () => {
    for (const ip of [inet, inet6]) {
      const layers = [ip, tcp({ ...ports, flags: ['ack'], checksum: 'partial' }), data('abcd')];
      assert.deepEqual(parsePacket(build(layers)), layers);
    }
  });

  it('may be left out of UDP, also inside GUE and outside of it', () => {
    const layers = [
      inet,
      udp({ source: 40000, destination: 6080, checksum: 'none' }),
      gue(),
      inet6,
      udp({ ...ports, checksum: 'none' }),
      data('x'),
    ];
    assert.deepEqual(parsePacket(build(layers)), layers);
  });

  it('of UDP are 0xffff where the sum is 0', () => {
    // The payload makes up for the rest of the sum, and so for the whole.
    const rest = build([inet, udp(ports), data('\0\0')]).readUInt16BE(26);
    const packet = build([inet, udp(ports), data(Uint8Array.of(rest >> 8, rest & 0xff))]);
    assert.equal(packet.readUInt16BE(26), 0xffff);
  });
});
