/**
 * Packets for tests, built and taken apart. A packet is a list of layers; what comes out of a data plane is compared as a whole:
 *
 *     const sent = [ethernet(), ipv4({ source, destination, ttl: 60 }), tcp({ source: 7001, destination: 80, flags: ['syn'] })];
 *     const { verdict, frame } = run(program, build(sent));
 *     assert.deepEqual(parse(frame), edited(sent, { ipv4: { ttl: 59, destination: server }, tcp: { destination: 8080 } }));
 */
export { build } from './build.ts';
export type { Checksum } from './checksum.ts';
export { data } from './data.ts';
export { edited } from './edited.ts';
export { ethernet } from './ethernet.ts';
export { fragments } from './fragments.ts';
export { gre } from './gre.ts';
export { gue } from './gue.ts';
export { icmp, icmpv6 } from './icmp.ts';
export { ipv4 } from './ipv4.ts';
export { ipv6 } from './ipv6.ts';
export { destinationOptions, hopByHop, routing } from './ipv6-extension.ts';
export { ipv6Fragment } from './ipv6-fragment.ts';
export type { Layer, LayerKind } from './layer.ts';
export { parse, parsePacket } from './parse.ts';
export { quoted } from './quoted.ts';
export { sctp } from './sctp.ts';
export { sctpChunk, sctpData, sctpInit } from './sctp-chunk.ts';
export { tcp } from './tcp.ts';
export { udp } from './udp.ts';
export { vlan } from './vlan.ts';
