import {
  readSyncResult,
  type SyncPutRecord,
  writeSyncPut,
} from '../../../src/engines/ebpf/codec/sync-codec.ts';
import {
  CONNECTION_INACTIVE,
  FLOW_CONNECTION,
  FLOW_TEMPLATE,
  SIZE,
  SYNC_ADDED,
  SYNC_FULL,
  SYNC_GONE,
  SYNC_KEPT,
  SYNC_MOVED,
  SYNC_UPDATED,
} from '../../../src/engines/ebpf/layout.gen.ts';
import type { Port } from '../../../src/model/unit.ts';
import { testRun } from '../../../src/system/bpf/test-run.ts';
import { end, endText, flow } from './flow.ts';
import type { Lab } from './lab.ts';
import { HZ } from './table-maps.ts';

const PROTOCOL = { tcp: 6, udp: 17, sctp: 132 } as const;

const RESULTS: Readonly<Record<number, string>> = {
  [SYNC_ADDED]: 'added',
  [SYNC_UPDATED]: 'updated',
  [SYNC_MOVED]: 'moved',
  [SYNC_KEPT]: 'kept',
  [SYNC_FULL]: 'full',
  [SYNC_GONE]: 'gone',
};

/** What another director tells of a connection. */
export interface ToldConnection {
  /** TCP unless given. */
  readonly protocol?: keyof typeof PROTOCOL;
  /** The number of the state; 1, ESTABLISHED, unless given. */
  readonly state?: number;
  readonly inactive?: boolean;
  /** Seconds; 900 unless given. */
  readonly timeout?: number;
  readonly template?: boolean;
  readonly packets?: number;
  /** More bits of the word: CONNECTION_*. */
  readonly flags?: number;
  /** Its id, where it is not that of the server. */
  readonly destination?: number;
}

/** Puts a connection, `10.1.0.2:7001 > 192.0.2.10:80`, to a server of the table, and says what became of it. */
export function put(lab: Lab, text: string, server: string, connection: ToldConnection = {}): string {
  const { context } = testRun(lab.plane.program('vipr_sync_put'), {
    context: putContext(lab, text, server, connection),
  });
  const result = readSyncResult(new DataView(context.buffer, context.byteOffset));
  return RESULTS[result] ?? `${result}`;
}

/** `struct sync_put` of a connection. */
export function putContext(lab: Lab, text: string, server: string, connection: ToldConnection): Uint8Array {
  const {
    protocol = 'tcp',
    state = 1,
    inactive,
    timeout = 900,
    template,
    packets = 3,
    flags = 0,
  } = connection;
  const { from, to } = flow(text);
  const found = lab.maps.destinations.find((each) => endText(each) === server);
  const record: SyncPutRecord = {
    family: from.address.includes(':') ? 'inet6' : 'inet',
    flow: {
      client: from.address,
      clientPort: from.port as Port,
      virtual: to.address,
      virtualPort: to.port as Port,
      protocol: PROTOCOL[protocol],
      kind: template ? FLOW_TEMPLATE : FLOW_CONNECTION,
    },
    timeout: timeout * HZ,
    destination: connection.destination ?? found?.slot ?? 0,
    destinationPort: end(server).port,
    word: state | flags | (inactive ? CONNECTION_INACTIVE : 0),
    packets,
    firewallMark: 0,
  };
  const context = new Uint8Array(SIZE.sync_put);
  writeSyncPut(context, new DataView(context.buffer), record);
  return context;
}
