import type { Port } from '../../../model/unit.ts';
import { OFFSET, SIZE } from '../layout.gen.ts';
import { readU64, viewOf, writeU64 } from './address-codec.ts';

/** `struct connection` of bpf/abi.h; times in jiffies. */
export interface ConnectionRecord {
  readonly expires: number;
  /** The end that backups were told last, its low two bits a count of retries; 0 for none. */
  readonly reported: number;
  readonly timeout: number;
  /** Id, NO_ID where it is not known. */
  readonly destination: number;
  /** The state in the low eight bits, then CONNECTION_*. */
  readonly word: number;
  /** Of the client, so far. */
  readonly packets: number;
  readonly firewallMark: number;
  /** Of its template, as the service has it: the netmask as it lies in memory, or the prefix length. */
  readonly netmask: number;
  /** Of templates: how many connections hang on it. */
  readonly controlled: number;
  readonly destinationPort: Port;
  /** LINK_*: how its template is found. */
  readonly link: number;
  /** The state that backups were told last. */
  readonly reportedState: number;
  /** Of the settings when the way to the client was learnt; 0 where it is unknown. */
  readonly clientGeneration: number;
  readonly clientInterface: number;
  /** Six bytes. */
  readonly clientMac: Uint8Array;
}

const at = OFFSET.connection;
const MAC_LENGTH = 6;

export function encodeConnection(record: ConnectionRecord): Uint8Array {
  const bytes = new Uint8Array(SIZE.connection);
  const view = viewOf(bytes);
  writeU64(view, at.expires, record.expires);
  writeU64(view, at.reported, record.reported);
  view.setUint32(at.timeout, record.timeout, true);
  view.setUint32(at.destination, record.destination, true);
  view.setUint32(at.word, record.word, true);
  view.setUint32(at.packets, record.packets, true);
  view.setUint32(at.firewall_mark, record.firewallMark, true);
  view.setUint32(at.netmask, record.netmask, true);
  view.setUint32(at.controlled, record.controlled, true);
  view.setUint16(at.destination_port, record.destinationPort);
  bytes[at.link] = record.link;
  bytes[at.reported_state] = record.reportedState;
  view.setUint32(at.client_generation, record.clientGeneration, true);
  view.setUint16(at.client_ifindex, record.clientInterface, true);
  bytes.set(record.clientMac, at.client_mac);
  return bytes;
}

export function decodeConnection(bytes: Uint8Array): ConnectionRecord {
  const view = viewOf(bytes);
  return {
    expires: readU64(view, at.expires),
    reported: readU64(view, at.reported),
    timeout: view.getUint32(at.timeout, true),
    destination: view.getUint32(at.destination, true),
    word: view.getUint32(at.word, true),
    packets: view.getUint32(at.packets, true),
    firewallMark: view.getUint32(at.firewall_mark, true),
    netmask: view.getUint32(at.netmask, true),
    controlled: view.getUint32(at.controlled, true),
    destinationPort: view.getUint16(at.destination_port) as Port,
    link: view.getUint8(at.link),
    reportedState: view.getUint8(at.reported_state),
    clientGeneration: view.getUint32(at.client_generation, true),
    clientInterface: view.getUint16(at.client_ifindex, true),
    clientMac: bytes.slice(at.client_mac, at.client_mac + MAC_LENGTH),
  };
}
