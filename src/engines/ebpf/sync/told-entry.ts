import { PROTOCOL_NUMBER } from '../codec/address-codec.ts';
import type { ConnectionRecord } from '../codec/connection-codec.ts';
import { CONNECTION_STATE, CONNECTION_TEMPLATE, LINK_NONE } from '../layout.gen.ts';
import { SCTP_STATE_TABLE, TCP_STATE_TABLE } from '../table/connection-state.ts';

const TOLD_TCP = numbersOf(TCP_STATE_TABLE, ['ESTABLISHED', 'FIN_WAIT', 'CLOSE', 'CLOSE_WAIT', 'TIME_WAIT']);
const TOLD_SCTP = numbersOf(SCTP_STATE_TABLE, [
  'ESTABLISHED',
  'S-SENT',
  'S-RECEIVED',
  'S-ACK-SENT',
  'CLOSED',
]);

/**
 * Whether backups are told of an entry by its state (ip_vs_sync.c, ip_vs_sync_conn_needed): not of what is still being opened.
 * `templatesOnly` is the sysctl sync_persist_mode.
 */
export function isTold(
  protocol: number,
  { word, link }: Pick<ConnectionRecord, 'word' | 'link'>,
  templatesOnly: boolean,
): boolean {
  if ((word & CONNECTION_TEMPLATE) !== 0) return true;
  if (templatesOnly && link !== LINK_NONE) return false;
  const state = word & CONNECTION_STATE;
  if (protocol === PROTOCOL_NUMBER.tcp) return TOLD_TCP.has(state);
  return protocol !== PROTOCOL_NUMBER.sctp || TOLD_SCTP.has(state);
}

function numbersOf(table: typeof TCP_STATE_TABLE, names: readonly string[]): ReadonlySet<number> {
  return new Set(names.map((name) => table.findIndex((state) => state.name === name)));
}
