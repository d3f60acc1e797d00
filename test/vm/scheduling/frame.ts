import { addressBytes, type IpAddress } from '../../../src/model/address.ts';
import type { Flow } from '../../scheduling/flow.ts';

/** Link-layer addresses of the two ends between which frames travel. */
export const SENDER_MAC = '02:00:00:00:00:01';
export const RECEIVER_MAC = '02:00:00:00:00:02';

/** TCP control bits (RFC 9293 section 3.1). */
export const SYN = 0x02;
export const ACK = 0x10;
export const FIN_ACK = 0x11;

/**
 * The Ethernet frame of one packet from the client of a flow: a UDP datagram, or a TCP segment with the control bits. Its
 * transport checksum is 0: IPVS hands packets on without looking at it.
 */
export function frameOf(flow: Flow, control: number): Uint8Array {
  const source = addressBytes(flow.clientAddress as IpAddress);
  const destination = addressBytes(flow.virtualAddress as IpAddress);
  const transport = flow.protocol === 'tcp' ? tcpSegment(flow, control) : udpDatagram(flow);
  const inet6 = source.length === 16;
  const protocol = flow.protocol === 'tcp' ? 6 : 17;
  const header = (inet6 ? inet6Header : inetHeader)(source, destination, protocol, transport.length);
  return Buffer.concat([ethernetHeader(inet6 ? 0x86dd : 0x0800), header, transport]);
}

function ethernetHeader(type: number): Buffer {
  const octets = [...RECEIVER_MAC.split(':'), ...SENDER_MAC.split(':')].map((octet) =>
    Number.parseInt(octet, 16),
  );
  return Buffer.from([...octets, type >> 8, type & 0xff]);
}

/** RFC 791 section 3.1. */
function inetHeader(source: Uint8Array, destination: Uint8Array, protocol: number, length: number): Buffer {
  const header = Buffer.from([
    0x45,
    0,
    0,
    20 + length,
    0,
    0,
    0x40,
    0,
    64,
    protocol,
    0,
    0,
    ...source,
    ...destination,
  ]);
  let sum = 0;
  for (let at = 0; at < header.length; at += 2) sum += header.readUInt16BE(at);
  sum = (sum & 0xffff) + (sum >> 16);
  header.writeUInt16BE(~(sum + (sum >> 16)) & 0xffff, 10);
  return header;
}

/** RFC 8200 section 3. */
function inet6Header(source: Uint8Array, destination: Uint8Array, protocol: number, length: number): Buffer {
  return Buffer.from([0x60, 0, 0, 0, 0, length, protocol, 64, ...source, ...destination]);
}

/** RFC 9293 section 3.1. */
function tcpSegment({ clientPort, virtualPort }: Flow, control: number): Buffer {
  const segment = Buffer.alloc(20);
  segment.writeUInt16BE(clientPort, 0);
  segment.writeUInt16BE(virtualPort, 2);
  segment.writeUInt8(5 << 4, 12);
  segment.writeUInt8(control, 13);
  segment.writeUInt16BE(65535, 14);
  return segment;
}

/** RFC 768, with one octet of data. */
function udpDatagram({ clientPort, virtualPort }: Flow): Buffer {
  const datagram = Buffer.alloc(9);
  datagram.writeUInt16BE(clientPort, 0);
  datagram.writeUInt16BE(virtualPort, 2);
  datagram.writeUInt16BE(9, 4);
  return datagram;
}
