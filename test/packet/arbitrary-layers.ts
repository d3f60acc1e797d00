import fc from 'fast-check';
import { addressFromBytes } from '../../src/model/address.ts';
import { data } from './data.ts';
import { ethernet } from './ethernet.ts';
import { gre } from './gre.ts';
import { gue } from './gue.ts';
import { icmp, icmpv6 } from './icmp.ts';
import { ipv4 } from './ipv4.ts';
import { ipv6 } from './ipv6.ts';
import { destinationOptions, hopByHop } from './ipv6-extension.ts';
import type { Layer } from './layer.ts';
import { sctp } from './sctp.ts';
import { sctpChunk, sctpData, sctpInit } from './sctp-chunk.ts';
import { tcp } from './tcp.ts';
import type { TcpOption } from './tcp-option.ts';
import { udp } from './udp.ts';
import { vlan } from './vlan.ts';

const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffffffff });

function bytes(min: number, max: number, step = 1): fc.Arbitrary<Buffer> {
  return fc
    .integer({ min: min / step, max: max / step })
    .chain((count) => fc.uint8Array({ minLength: count * step, maxLength: count * step }))
    .map((array) => Buffer.from(array));
}

function hex(min: number, max: number, step = 1): fc.Arbitrary<string> {
  return bytes(min, max, step).map((buffer) => buffer.toString('hex'));
}

function addresses(count: 4 | 16): fc.Arbitrary<{ source: string; destination: string }> {
  const address = bytes(count, count).map(addressFromBytes);
  return fc.record({ source: address, destination: address });
}

const ports = fc.record({ source: u16, destination: u16.filter((port) => port !== 6080) });

const inet = fc
  .tuple(addresses(4), fc.record({ ttl: u8, tos: u8, id: u16, df: fc.boolean(), options: hex(0, 40, 4) }))
  .map(([pair, rest]) => ipv4({ ...pair, ...rest }));

const inet6 = fc
  .tuple(
    addresses(16),
    fc.record({ hopLimit: u8, trafficClass: u8, flowLabel: fc.integer({ min: 0, max: 0xfffff }) }),
  )
  .map(([pair, rest]) => ipv6({ ...pair, ...rest }));

const header: fc.Arbitrary<Layer[]> = fc.oneof(
  inet.map((ip) => [ip]),
  inet6.map((ip) => [ip]),
  inet6.map((ip) => [ip, hopByHop(), destinationOptions()]),
);

const tcpOption: fc.Arbitrary<TcpOption> = fc.oneof(
  fc.constantFrom<TcpOption>({ kind: 'no-operation' }, { kind: 'sack-permitted' }),
  u16.map((size): TcpOption => ({ kind: 'maximum-segment-size', bytes: size })),
  u8.map((shift): TcpOption => ({ kind: 'window-scale', shift })),
  fc.record({ value: u32, echo: u32 }).map((stamps): TcpOption => ({ kind: 'timestamps', ...stamps })),
  hex(1, 3).map((value): TcpOption => ({ kind: 'other', number: 253, hex: value })),
);

const flags = fc.subarray(['fin', 'syn', 'rst', 'psh', 'ack', 'urg', 'ece', 'cwr'] as const);

const segment = fc
  .record({
    ports,
    flags,
    options: fc.array(tcpOption, { maxLength: 4 }),
    rest: fc.record({ sequence: u32, acknowledgement: u32, window: u16, urgent: u16 }),
  })
  .map((fields) => tcp({ ...fields.ports, ...fields.rest, flags: fields.flags, options: fields.options }));

const chunk = fc.oneof(
  fc.record({ tsn: u32, stream: u16, sequence: u16, protocol: u32, hex: hex(0, 9) }).map(sctpData),
  fc
    .record({ tag: u32, window: u32, tsn: u32, parameters: hex(0, 12, 4) })
    .map((init) => sctpInit('init', init)),
  hex(0, 9).map((cookie) => sctpChunk('cookie-echo', cookie)),
  hex(0, 9).map((causes) => sctpChunk('abort', causes, 1)),
  hex(0, 9).map((value) => sctpChunk(0xc1, value)),
);

const content: fc.Arbitrary<Layer[]> = bytes(1, 64).map((payload) => [data(payload)]);
const maybeContent = fc.oneof(content, fc.constant<Layer[]>([]));

const transport: fc.Arbitrary<Layer[]> = fc.oneof(
  fc.tuple(segment, maybeContent).map(([tcpLayer, inner]) => [tcpLayer, ...inner]),
  fc
    .tuple(ports, fc.constantFrom('right', 'none'), maybeContent)
    .map(([pair, checksum, inner]) => [udp({ ...pair, checksum }), ...inner]),
  fc
    .tuple(ports, u32, fc.array(chunk, { minLength: 1, maxLength: 3 }))
    .map(([pair, tag, chunks]) => [sctp({ ...pair, tag, chunks })]),
  fc.tuple(u32, content).map(([word, inner]) => [icmp(8, 0, word), ...inner]),
  fc.tuple(u32, content).map(([word, inner]) => [icmpv6(129, 0, word), ...inner]),
);

/** What lies between two IP headers. */
const tunnel: fc.Arbitrary<Layer[]> = fc.oneof(
  fc.constant<Layer[]>([]),
  fc
    .tuple(u16, fc.constantFrom('right', 'none'))
    .map(([source, checksum]) => [udp({ source, destination: 6080, checksum }), gue()]),
  fc.tuple(fc.constantFrom('right', 'none'), u32).map(([checksum, key]) => [gre({ checksum, key })]),
);

/** Packets from the IP header on, in up to two tunnels. */
export const arbitraryPacket: fc.Arbitrary<Layer[]> = fc
  .tuple(fc.array(fc.tuple(header, tunnel), { maxLength: 2 }), header, transport)
  .map(([tunnels, ip, inner]) => [...tunnels.flat(2), ...ip, ...inner]);

/** Frames of {@link arbitraryPacket}s, with and without a tag. */
export const arbitraryFrame: fc.Arbitrary<Layer[]> = fc
  .tuple(fc.array(fc.integer({ min: 0, max: 4095 }), { maxLength: 1 }), arbitraryPacket)
  .map(([ids, packet]) => [ethernet(), ...ids.map((id) => vlan({ id, priority: 5 })), ...packet]);
