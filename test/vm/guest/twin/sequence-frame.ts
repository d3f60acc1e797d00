import { build, data, ethernet, ipv4, ipv6, type Layer, tcp, udp } from '../../../packet/packet.ts';
import type { Sequence, SequencePacket } from '../../ebpf/sequence.ts';
import { DEVICE_MACS, ROUTER_MAC, serverMac } from '../../ebpf/twin-address.ts';

/** The frame of a packet of a sequence; `server` is that of the connection. */
export function sequenceFrame(
  { service, client, port }: Sequence,
  packet: SequencePacket,
  server: string,
): Buffer {
  const fromClient = packet.from === 'client';
  const virtual = { address: service.address, port: service.port };
  const peer = { address: client, port };
  const answering =
    service.serverPort === undefined ? virtual : { address: server, port: service.serverPort };
  const [from, to] = fromClient ? [peer, virtual] : [answering, peer];
  const link = fromClient
    ? ethernet({ source: ROUTER_MAC, destination: DEVICE_MACS.clients })
    : ethernet({ source: serverMac(server), destination: DEVICE_MACS.servers });
  const ends = { source: from.address, destination: to.address };
  const { ttl, tos, df, id } = packet;
  const ip =
    service.family === 'inet'
      ? ipv4({ ...ends, ttl, tos, df, id })
      : ipv6({ ...ends, hopLimit: ttl, trafficClass: tos, flowLabel: id });
  const ports = { source: from.port, destination: to.port };
  const transport: Layer =
    service.protocol === 'tcp'
      ? tcp({ ...ports, flags: packet.flags, sequence: id })
      : udp({ ...ports, checksum: packet.checksum ? 'right' : 'none' });
  return build([link, ip, transport, data('x'.repeat(packet.payload))]);
}
