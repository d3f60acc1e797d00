import {
  build,
  data,
  ipv4,
  ipv6,
  type Layer,
  parse,
  sctp,
  sctpData,
  sctpInit,
  tcp,
  udp,
} from '../../packet/packet.ts';
import { GUE_PORT } from './method.ts';

export const FAMILIES = ['inet', 'inet6'] as const;
export type Family = (typeof FAMILIES)[number];

export const CLIENT = { inet: '10.1.0.2', inet6: 'fd01::2' } as const;
export const VIRTUAL = { inet: '192.0.2.10', inet6: '2001:db8::10' } as const;
export const SERVER = { inet: '10.2.0.11', inet6: 'fd02::11' } as const;
/** Of the director, to its servers. */
export const DIRECTOR = { inet: '10.2.0.1', inet6: 'fd02::1' } as const;

export interface IpFields {
  readonly source: string;
  readonly destination: string;
  readonly ttl?: number;
  readonly tos?: number;
  /** IPv4 only. */
  readonly df?: boolean;
  readonly id?: number;
}

/** An IP header of either family; where nothing else is said TTL 60 and TOS 0x28, as in the recorded packets. */
export function ip(
  family: Family,
  { ttl = 60, tos = 0x28, df = false, id = 4711, ...ends }: IpFields,
): Layer {
  return family === 'inet'
    ? ipv4({ ...ends, ttl, tos, df, id: df ? 0 : id })
    : ipv6({ ...ends, hopLimit: ttl, trafficClass: tos, flowLabel: 0x12345 });
}

/** Layers as they come out of a packet: with what checksums would have to be where they are wrong. */
export function asParsed(layers: readonly Layer[]): Layer[] {
  return parse(build(layers), { guePorts: [GUE_PORT] });
}

export type Protocol = 'tcp' | 'udp' | 'sctp';
export type Transport = (source: number, destination: number) => Layer[];

/** An odd number of bytes. */
export const PAYLOAD = data('an odd number of bytes.');

/** Packets that open a connection. */
export const TRANSPORTS = {
  tcp: (source, destination) => [tcp({ source, destination, flags: ['syn'] }), PAYLOAD],
  udp: (source, destination) => [udp({ source, destination }), PAYLOAD],
  'udp without checksum': (source, destination) => [udp({ source, destination, checksum: 'none' }), PAYLOAD],
  sctp: (source, destination) => [
    sctp({ source, destination, chunks: [sctpInit('init'), sctpData({ hex: 'ab'.repeat(37) })] }),
  ],
  'sctp whose checksum a device is to compute': (source, destination) => [
    sctp({ source, destination, chunks: [sctpInit('init')], checksum: { wrong: 0 } }),
  ],
} as const satisfies Record<string, Transport>;

export type TransportName = keyof typeof TRANSPORTS;
export const TRANSPORT_NAMES = Object.keys(TRANSPORTS) as TransportName[];

export function protocolOf(name: TransportName): Protocol {
  return name === 'udp without checksum' ? 'udp' : name.startsWith('sctp') ? 'sctp' : (name as Protocol);
}
