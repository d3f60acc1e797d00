import type { IpAddress } from '../../../src/model/address.ts';
import type { Port } from '../../../src/model/unit.ts';
import { build, ethernet, ipv4, type Layer, tcp } from '../../../test/packet/packet.ts';

/** What the packets of a measurement are: requests by a forwarding method, or replies of masqueraded servers. */
export type Scene = 'tunnel' | 'direct' | 'nat-request' | 'nat-reply';

export const VIRTUAL = { address: '192.0.2.10' as IpAddress, port: 80 as Port };
export const SERVER = { address: '10.2.0.11' as IpAddress, port: 8080 as Port };
/** Of the tunnel. */
export const OUTER_SOURCE = '10.2.0.1' as IpAddress;
/** The interface itself, where packets come in: loopback, which every namespace has. Nothing is sent. */
export const OWN = { index: 1, mac: '00:00:00:00:00:00' };
/** Where they leave. */
export const NEXT = { index: 2, mac: '02:00:00:00:00:02', destinationMac: '02:00:00:00:00:03' };
export const CLIENT_MAC = '02:00:00:00:00:04';

const FIRST_CLIENT = 0x0b00_0000;
const FIRST_PORT = 1024;
const PORTS = 0x8000;
const TTL = 64;

/** The clients of flow 0, 1 ...: 11.0.0.0:1024, 11.0.0.1:1025 and on, as bpf/packet.bpf.c counts them. */
export const clientOf = (flow: number): { readonly address: number; readonly port: number } => ({
  address: FIRST_CLIENT + flow,
  port: FIRST_PORT + (flow % PORTS),
});

/** A packet of an established connection. */
export function frameOf(scene: Scene, flow: number): Buffer {
  return build([
    ethernet({ source: CLIENT_MAC, destination: OWN.mac }),
    ...datagram(scene, flow, TTL, false),
  ]);
}

/** What the data plane has to make of it. */
export function forwardedFrameOf(scene: Scene, flow: number): Buffer {
  const outer = ipv4({ source: OUTER_SOURCE, destination: SERVER.address, ttl: TTL - 1, df: true });
  const [source, destination] =
    scene === 'nat-reply' ? [OWN.mac, CLIENT_MAC] : [NEXT.mac, NEXT.destinationMac];
  return build([
    ethernet({ source, destination }),
    ...(scene === 'tunnel' ? [outer] : []),
    ...datagram(scene, flow, TTL - 1, scene === 'nat-request' || scene === 'nat-reply'),
  ]);
}

function datagram(scene: Scene, flow: number, ttl: number, rewritten: boolean): readonly Layer[] {
  const client = clientOf(flow);
  const ends = [{ address: dotted(client.address), port: client.port }, VIRTUAL] as const;
  const withServer = [ends[0], SERVER] as const;
  const isReply = scene === 'nat-reply';
  const pair = rewritten !== isReply ? withServer : ends;
  const [source, destination] = isReply ? [pair[1], pair[0]] : pair;
  return [
    ipv4({ source: source.address, destination: destination.address, ttl, df: true }),
    tcp({ source: source.port, destination: destination.port, flags: ['ack'] }),
  ];
}

export function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}
