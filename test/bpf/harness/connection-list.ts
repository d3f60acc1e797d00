import { type ConnectionRecord, decodeConnection } from '../../../src/engines/ebpf/codec/connection-codec.ts';
import { decodeFlow, decodeReply, type Flow } from '../../../src/engines/ebpf/codec/flow-codec.ts';
import {
  CONNECTION_ASSURED,
  CONNECTION_INACTIVE,
  CONNECTION_NO_OUTPUT,
  CONNECTION_STATE,
  FLOW_CONNECTION,
  FLOW_MARK_TEMPLATE,
} from '../../../src/engines/ebpf/layout.gen.ts';
import type { Family, IpAddress } from '../../../src/model/address.ts';
import type { DataPlane } from './data-plane.ts';
import { type End, endText } from './flow.ts';
import { entriesOf } from './map-entries.ts';
import { HZ } from './table-maps.ts';

/** An entry of the connection table, as a test wants to see it. */
export interface ListedConnection {
  /** tcp, udp, sctp; ip for templates of firewall marks. */
  readonly protocol: string;
  readonly client: string;
  /** Address and port; templates of firewall marks have the mark as address. */
  readonly virtual: string;
  readonly server: string;
  /** As /proc/net/ip_vs_conn has it. */
  readonly state: string;
  readonly template: boolean;
  /** Seconds that a packet gives. */
  readonly timeout: number;
  readonly inactive: boolean;
  readonly noOutput: boolean;
  readonly key: Uint8Array;
  readonly record: ConnectionRecord;
}

const PROTOCOL_NAME: Readonly<Record<number, string>> = { 0: 'ip', 6: 'tcp', 17: 'udp', 132: 'sctp' };

/** ip_vs_proto_tcp.c, tcp_state_name_table; by number. */
export const TCP_STATE_NAMES = [
  'NONE',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'SYNACK',
] as const;

/** ip_vs_proto_sctp.c, sctp_state_name_table; by number. */
export const SCTP_STATE_NAMES = [
  'NONE',
  'INIT1',
  'INIT',
  'C-SENT',
  'C-REPLIED',
  'C-WAIT',
  'COOKIE',
  'C-ECHOED',
  'ESTABLISHED',
  'S-SENT',
  'S-RECEIVED',
  'S-ACK-SENT',
  'REJECTED',
  'CLOSED',
] as const;

/** `serverOf`: the address of the destination with an id. */
export function* listConnections(
  plane: DataPlane,
  serverOf: (id: number) => IpAddress,
): Generator<ListedConnection> {
  for (const family of ['inet', 'inet6'] as const) {
    for (const [key, value] of entriesOf(plane.map(family === 'inet' ? 'connections4' : 'connections6')))
      yield { key, ...describeConnection(decodeFlow(family, key), decodeConnection(value), serverOf) };
  }
}

/** `serverOf`: as for {@link listConnections}. */
export function describeConnection(
  flow: Flow,
  record: ConnectionRecord,
  serverOf: (id: number) => IpAddress,
): Omit<ListedConnection, 'key'> {
  const template = flow.kind !== FLOW_CONNECTION;
  const mark = flow.kind === FLOW_MARK_TEMPLATE;
  const protocol = PROTOCOL_NAME[flow.protocol] ?? `${flow.protocol}`;
  return {
    protocol,
    client: endText({ address: flow.client, port: flow.clientPort }),
    virtual: mark
      ? `mark ${flow.virtual}`
      : endText({ address: flow.virtual as IpAddress, port: flow.virtualPort }),
    server: endText({ address: serverOf(record.destination), port: record.destinationPort }),
    state: stateName(protocol, template, record.word),
    template,
    timeout: record.timeout / HZ,
    inactive: (record.word & CONNECTION_INACTIVE) !== 0,
    noOutput: (record.word & CONNECTION_NO_OUTPUT) !== 0,
    record,
  };
}

/** Reply entries: `client < server = virtual`. */
export function listReplies(plane: DataPlane): string[] {
  const lines: string[] = [];
  for (const family of ['inet', 'inet6'] satisfies Family[]) {
    for (const [key, value] of entriesOf(plane.map(family === 'inet' ? 'replies4' : 'replies6'))) {
      const flow = decodeFlow(family, key);
      const reply = decodeReply(family, value);
      const client: End = { address: flow.client, port: flow.clientPort };
      const server: End = { address: flow.virtual as IpAddress, port: flow.virtualPort };
      const virtual: End = { address: reply.virtual, port: reply.virtualPort };
      lines.push(`${endText(client)} < ${endText(server)} = ${endText(virtual)}`);
    }
  }
  return lines.sort();
}

function stateName(protocol: string, template: boolean, word: number): string {
  const state = word & CONNECTION_STATE;
  if (template) return word & CONNECTION_ASSURED ? 'ASSURED' : 'NONE';
  if (protocol === 'udp') return 'UDP';
  const names: readonly string[] = protocol === 'tcp' ? TCP_STATE_NAMES : SCTP_STATE_NAMES;
  return names[state] ?? `${state}`;
}
