import type { Timeouts } from '../../../model/table.ts';
import type { Seconds } from '../../../model/unit.ts';
import type { SettingsRecord } from '../codec/settings-codec.ts';
import { SCTP_STATE_TABLE, TCP_ESTABLISHED, TCP_FIN_WAIT, TCP_STATE_TABLE } from './connection-state.ts';

type TimeoutSettings = Pick<SettingsRecord, 'expireTcp' | 'expireSctp' | 'expireUdp'>;

/** The timeouts of the table and those that are fixed, as `settings` has them. */
export function timeoutSettings(timeouts: Timeouts, hz: number): TimeoutSettings {
  const expireTcp = TCP_STATE_TABLE.map(({ seconds }) => seconds * hz);
  expireTcp[TCP_ESTABLISHED] = timeouts.tcp * hz;
  expireTcp[TCP_FIN_WAIT] = timeouts.tcpfin * hz;
  return {
    expireTcp,
    expireSctp: SCTP_STATE_TABLE.map(({ seconds }) => seconds * hz),
    expireUdp: timeouts.udp * hz,
  };
}

/** The inverse of {@link timeoutSettings}. */
export function readTimeouts({ expireTcp, expireUdp, hz }: SettingsRecord): Timeouts {
  const seconds = (jiffies: number | undefined): Seconds => Math.round((jiffies ?? 0) / hz) as Seconds;
  return {
    tcp: seconds(expireTcp[TCP_ESTABLISHED]),
    tcpfin: seconds(expireTcp[TCP_FIN_WAIT]),
    udp: seconds(expireUdp),
  };
}
