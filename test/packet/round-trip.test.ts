import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { arbitraryFrame, arbitraryPacket } from './arbitrary-layers.ts';
import { build } from './build.ts';
import { data } from './data.ts';
import { edited } from './edited.ts';
import { ethernet } from './ethernet.ts';
import { fragments } from './fragments.ts';
import { icmp, icmpv6 } from './icmp.ts';
import { ipv4 } from './ipv4.ts';
import { ipv6 } from './ipv6.ts';
import { parse, parsePacket } from './parse.ts';
import { quoted } from './quoted.ts';
import { tcp } from './tcp.ts';
import { udp } from './udp.ts';
import { vlan } from './vlan.ts';

const inet = ipv4({ source: '10.1.0.2', destination: '192.0.2.10' });
const inet6 = ipv6({ source: 'fd01::2', destination: '2001:db8::10' });
const ports = { source: 7001, destination: 53 };

describe('packets', () => {
  it('are parsed to the layers that they were built of', () => {
    fc.assert(
      fc.property(arbitraryFrame, (layers) => {
        assert.deepEqual(parse(build(layers)), layers);
      }),
      { numRuns: 300 },
    );
  });

  it('are built to the bytes that were parsed, damaged or cut as they may be', () => {
    const damage = fc.array(fc.tuple(fc.nat(400), fc.integer({ min: 1, max: 255 })), { maxLength: 4 });
    fc.assert(
      fc.property(arbitraryFrame, damage, fc.nat(400), fc.boolean(), (layers, changes, end, isCut) => {
        const frame = build(layers);
        for (const [at, bits] of changes) if (at < frame.length) frame[at] = (frame[at] ?? 0) ^ bits;
        const bytes = isCut ? frame.subarray(0, end) : frame;
        assert.equal(build(parse(bytes)).toString('hex'), bytes.toString('hex'));
      }),
      { numRuns: 1000 },
    );
  });

  it('are quoted with the checksums that the whole has', () => {
    fc.assert(
      fc.property(arbitraryPacket, fc.integer({ min: 28, max: 200 }), (layers, count) => {
        const whole = build(layers);
        const [first] = layers;
        const error = first?.layer === 'ipv6' ? [inet6, icmpv6(2, 0, 1400)] : [inet, icmp(3, 4, 1400)];
        const packet = build([...error, ...quoted(layers, count)]);
        const at = first?.layer === 'ipv6' ? 48 : 28;
        assert.equal(packet.toString('hex', at), whole.toString('hex', 0, count));
        assert.deepEqual(parsePacket(packet), [...error, ...quoted(layers, count)]);
      }),
    );
  });
});

describe('fragments', () => {
  const whole = [ethernet(), vlan({ id: 7 }), inet, udp(ports), data('x'.repeat(100))];

  it('of IPv4 join to the whole', () => {
    const cut = fragments(whole, { size: 48, id: 99 }).map((frame) => parse(frame));
    const place = cut.map((layers) => layers.find((layer) => layer.layer === 'ipv4'));
    assert.deepEqual(
      place.map((ip) => [ip?.id, ip?.fragmentOffset, ip?.mf, ip?.protocol]),
      [
        [99, 0, true, undefined],
        [99, 48, true, 17],
        [99, 96, false, 17],
      ],
    );
    const checksum = { unverified: build(whole).readUInt16BE(18 + 26) };
    assert.deepEqual(
      cut[0],
      edited([...whole.slice(0, 4), data('x'.repeat(40))], {
        ipv4: { id: 99, mf: true },
        udp: { checksum, length: 108 },
      }),
    );
    assert.deepEqual(cut[2]?.at(-1), data('x'.repeat(12)));
  });

  it('of IPv6 carry a fragment header', () => {
    const layers = [inet6, udp(ports), data('x'.repeat(100))];
    const headers = fragments(layers, { size: 56, id: 99 }).map((packet) => parsePacket(packet)[1]);
    assert.deepEqual(headers, [
      { layer: 'fragment', offset: 0, more: true, id: 99 },
      { layer: 'fragment', offset: 56, more: false, id: 99, protocol: 17 },
    ]);
  });
});

describe('headers', () => {
  it('that are cut in an error of 8 bytes still show their ports', () => {
    const sent = [inet, tcp({ ...ports, flags: ['syn'], sequence: 0x01020304 })];
    assert.deepEqual(quoted(sent, 28), [
      { ...inet, protocol: 6, length: 40 },
      { layer: 'ports', source: 7001, destination: 53, rest: '01020304' },
    ]);
  });

  it('are told apart from the padding of short frames', () => {
    const frame = Buffer.concat([build([ethernet(), inet, udp(ports)]), Buffer.alloc(18)]);
    const trailer = '00'.repeat(18);
    assert.deepEqual(parse(frame), edited([ethernet(), inet, udp(ports)], { ipv4: { trailer } }));
  });

  it('have to be announced', () => {
    assert.throws(() => build([inet, data('x')]), /ipv4 before data has to say its protocol/);
    assert.throws(() => build([udp(ports)]), /needs an IP header/);
    assert.throws(() => ipv4({ source: 'fd01::2', destination: '192.0.2.10' }), /fd01::2 is no address of 4/);
  });
});
