import type { Timeouts } from '../../model/table.ts';
import type { Seconds } from '../../model/unit.ts';
import { AttributeReader } from '../../netlink/attribute-reader.ts';
import { GENERIC_HEADER_BYTES } from '../../netlink/generic-netlink.ts';
import type { NetlinkMessage } from '../../netlink/message.ts';
import type { NetlinkWriter } from '../../netlink/netlink-writer.ts';
import { CMD_ATTR, INFO_ATTR } from './ipvs-message.ts';

/** What GET_INFO tells. */
export interface IpvsInfo {
  /** Of the interface: `1.2.1`. */
  readonly version: string;
  /** Rows of the connection table. */
  readonly connectionTableSize: number;
}

/** Writes timeouts in seconds; 0 keeps one. What is negative, or too large for a timer, is the kernel's to refuse. */
export function writeTimeouts(writer: NetlinkWriter, timeouts: Timeouts): void {
  writer.i32(CMD_ATTR.TIMEOUT_TCP, timeouts.tcp);
  writer.i32(CMD_ATTR.TIMEOUT_TCP_FIN, timeouts.tcpfin);
  writer.i32(CMD_ATTR.TIMEOUT_UDP, timeouts.udp);
}

/** A kernel built without TCP or UDP balancing leaves their timeouts out: 0 here. */
export function decodeTimeouts({ payload }: NetlinkMessage): Timeouts {
  const reader = new AttributeReader(payload, GENERIC_HEADER_BYTES);
  let [tcp, tcpfin, udp] = [0, 0, 0];
  while (reader.next()) {
    if (reader.type === CMD_ATTR.TIMEOUT_TCP) tcp = reader.u32();
    else if (reader.type === CMD_ATTR.TIMEOUT_TCP_FIN) tcpfin = reader.u32();
    else if (reader.type === CMD_ATTR.TIMEOUT_UDP) udp = reader.u32();
  }
  reader.finish();
  return { tcp: tcp as Seconds, tcpfin: tcpfin as Seconds, udp: udp as Seconds };
}

export function decodeInfo({ payload }: NetlinkMessage): IpvsInfo {
  const reader = new AttributeReader(payload, GENERIC_HEADER_BYTES);
  let version = 0;
  let connectionTableSize = 0;
  while (reader.next()) {
    if (reader.type === INFO_ATTR.VERSION) version = reader.u32();
    else if (reader.type === INFO_ATTR.CONN_TAB_SIZE) connectionTableSize = reader.u32();
  }
  reader.finish();
  return { version: `${version >> 16}.${(version >> 8) & 0xff}.${version & 0xff}`, connectionTableSize };
}
