import type { Timeouts } from '../../../model/table.ts';

/**
 * States of entries in the relay's connection table. The relay sees connections, not packets, so of IPVS's TCP states
 * (ip_vs_proto_tcp.c, tcp_state_name_table) it meets those below, and it enters them where IPVS does: a first FIN of the
 * client leads to CLOSE_WAIT, of the server to FIN_WAIT, the second FIN to TIME_WAIT, a reset to CLOSE.
 */
export const State = {
  synRecv: 0,
  established: 1,
  finWait: 2,
  timeWait: 3,
  close: 4,
  closeWait: 5,
  udp: 6,
  /** Of a persistence template. */
  none: 7,
  /** Of a persistence template by which a connection was established (IP_VS_CTPL_S_ASSURED). */
  assured: 8,
} as const;

const NAMES = [
  'SYN_RECV',
  'ESTABLISHED',
  'FIN_WAIT',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'UDP',
  'NONE',
  'ASSURED',
] as const;

export function stateName(state: number): string {
  return NAMES[state] ?? `state ${state}`;
}

/** Whether connections in the state count as active (ip_vs_proto_tcp.c, tcp_state_active_table). */
export function isActiveState(state: number): boolean {
  return state === State.synRecv || state === State.established;
}

/** Idle seconds that the state allows (ip_vs_proto_tcp.c, tcp_timeouts); a template brings its own timeout. */
export function stateTimeout(state: number, timeouts: Timeouts): number {
  switch (state) {
    case State.synRecv:
      return 60;
    case State.established:
      return timeouts.tcp;
    case State.finWait:
      return timeouts.tcpfin;
    case State.timeWait:
      return 120;
    case State.close:
      return 10;
    case State.closeWait:
      return 60;
    case State.udp:
      return timeouts.udp;
    default:
      throw new RangeError(`no timeout for ${stateName(state)}`);
  }
}
