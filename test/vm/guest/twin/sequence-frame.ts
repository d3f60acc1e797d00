import type { Family } from '../../../../src/model/address.ts';
import {
  build,
  data,
  ethernet,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  type Layer,
  quoted,
  tcp,
  udp,
} from '../../../packet/packet.ts';
import type { Sequence, SequencePacket } from '../../ebpf/sequence.ts';
import { DEVICE_MACS, ROUTER_MAC, serverMac } from '../../ebpf/twin-address.ts';
import type { TwinService } from '../../ebpf/twin-service.ts';

/** The frame of a packet of a sequence; `server` is that of the connection. */
export function sequenceFrame(sequence: Sequence, packet: SequencePacket, server: string): Buffer {
  const { service, client, port } = sequence;
  const fromClient = packet.from === 'client';
  const virtual = { address: service.address, port: service.port };
  const answering =
    service.serverPort === undefined ? virtual : { address: server, port: service.serverPort };
  const peer = { address: client, port };
  const [from, to] = fromClient ? [peer, virtual] : [answering, peer];
  const link = fromClient
    ? ethernet({ source: ROUTER_MAC, destination: DEVICE_MACS.clients })
    : ethernet({ source: serverMac(server), destination: DEVICE_MACS.servers });
  if (packet.error === undefined) return build([link, ...layersOf(service, packet, from, to)]);
  // What came from the other side, as it looked on this one.
  const about = layersOf(
    service,
    { ...packet, ttl: QUOTED_TTL },
    fromClient ? virtual : peer,
    fromClient ? peer : answering,
  );
  const { family } = service;
  return build([
    link,
    ipOf(family, packet, from, to),
    errorOf(family, packet),
    ...quoted(about, quotedBytes(family, packet)),
  ]);
}

const QUOTED_TTL = 60;
const SMALL_MTU = 1400;

interface End {
  readonly address: string;
  readonly port: number;
}

function layersOf(service: TwinService, packet: SequencePacket, from: End, to: End): Layer[] {
  const ports = { source: from.port, destination: to.port };
  const transport: Layer =
    service.protocol === 'tcp'
      ? tcp({ ...ports, flags: packet.flags, sequence: packet.id })
      : udp({ ...ports, checksum: packet.checksum ? 'right' : 'none' });
  return [ipOf(service.family, packet, from, to), transport, data('x'.repeat(packet.payload))];
}

function ipOf(family: Family, { ttl, tos, df, id }: SequencePacket, from: End, to: End): Layer {
  const ends = { source: from.address, destination: to.address };
  if (family === 'inet') return ipv4({ ...ends, ttl, tos, df, id });
  return ipv6({ ...ends, hopLimit: ttl, trafficClass: tos, flowLabel: id });
}

function errorOf(family: Family, { error }: SequencePacket): Layer {
  if (family === 'inet') return error === 'too big' ? icmp(3, 4, SMALL_MTU) : icmp(3, 3);
  return error === 'too big' ? icmpv6(2, 0, SMALL_MTU) : icmpv6(1, 4);
}

/** The header and eight bytes, or more; no error is as large as to be too big itself. */
function quotedBytes(family: Family, { id }: SequencePacket): number {
  return (family === 'inet' ? 20 : 40) + 8 + (id % 2 === 0 ? 0 : id % 400);
}
