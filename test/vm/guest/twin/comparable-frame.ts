import { parse } from '../../../packet/packet.ts';
import { GUE_PORT } from '../../traffic/network.ts';

/** Of a layer, shown. */
const LONGEST_TEXT = 300;

const ETHERNET_BYTES = 14;
const IPV4 = 0x0800;
const ICMP = 1;
const IPIP = 4;
const UDP = 17;
const IPV6_IN_IPV4 = 41;
const GRE = 47;
const ICMPV6 = 58;

/**
 * A frame's bytes, in hexadecimal, without what the kernel leaves to chance: the identification of an IPv4 packet that it made
 * itself, the flow label of an ICMPv6 error, and GUE's source port, on which its checksum depends.
 */
export function comparableFrame(frame: Buffer): string {
  const bytes = Buffer.from(frame);
  const inet = bytes.readUInt16BE(12) === IPV4;
  const protocol = bytes.readUInt8(inet ? 23 : 20);
  const transport = ETHERNET_BYTES + (inet ? 20 : 40);
  const gue = protocol === UDP && bytes.readUInt16BE(transport + 2) === GUE_PORT;
  if (inet && (gue || [ICMP, IPIP, IPV6_IN_IPV4, GRE].includes(protocol))) {
    bytes.writeUInt16BE(0, 18);
    bytes.writeUInt16BE(0, 24);
  }
  if (!inet && protocol === ICMPV6) bytes.fill(0, 15, 18);
  let note = '';
  if (gue) {
    bytes.writeUInt16BE(0, transport);
    if (bytes.readUInt16BE(transport + 6) !== 0) {
      bytes.writeUInt16BE(0, transport + 6);
      const outer = parse(frame).find(({ layer }) => layer === 'udp');
      note = ` checksum ${outer?.layer === 'udp' ? JSON.stringify(outer.checksum) : ''}`;
    }
  }
  return bytes.toString('hex') + note;
}

/** A frame for a reader. */
export function frameText(frame: Buffer): string {
  return parse(frame)
    .map((layer) => JSON.stringify(layer).slice(0, LONGEST_TEXT))
    .join('\n    ');
}
