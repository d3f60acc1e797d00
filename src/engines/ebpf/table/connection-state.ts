/** States by the numbers of IPVS, with the names of /proc/net/ip_vs_conn and the seconds an entry lives on in them. */
export interface ConnectionState {
  readonly name: string;
  readonly seconds: number;
}

/** ip_vs_proto_tcp.c, tcp_state_name_table and tcp_timeouts; ESTABLISHED and FIN_WAIT are settable. */
export const TCP_STATE_TABLE: readonly ConnectionState[] = [
  { name: 'NONE', seconds: 2 },
  { name: 'ESTABLISHED', seconds: 900 },
  { name: 'SYN_SENT', seconds: 120 },
  { name: 'SYN_RECV', seconds: 60 },
  { name: 'FIN_WAIT', seconds: 120 },
  { name: 'TIME_WAIT', seconds: 120 },
  { name: 'CLOSE', seconds: 10 },
  { name: 'CLOSE_WAIT', seconds: 60 },
  { name: 'LAST_ACK', seconds: 30 },
  { name: 'LISTEN', seconds: 120 },
  { name: 'SYNACK', seconds: 120 },
];
export const TCP_ESTABLISHED = 1;
export const TCP_FIN_WAIT = 4;

/** ip_vs_proto_sctp.c, sctp_state_name_table and sctp_timeouts. */
export const SCTP_STATE_TABLE: readonly ConnectionState[] = [
  { name: 'NONE', seconds: 2 },
  { name: 'INIT1', seconds: 4 },
  { name: 'INIT', seconds: 61 },
  { name: 'C-SENT', seconds: 61 },
  { name: 'C-REPLIED', seconds: 61 },
  { name: 'C-WAIT', seconds: 61 },
  { name: 'COOKIE', seconds: 61 },
  { name: 'C-ECHOED', seconds: 61 },
  { name: 'ESTABLISHED', seconds: 900 },
  { name: 'S-SENT', seconds: 61 },
  { name: 'S-RECEIVED', seconds: 61 },
  { name: 'S-ACK-SENT', seconds: 61 },
  { name: 'REJECTED', seconds: 4 },
  { name: 'CLOSED', seconds: 61 },
];
