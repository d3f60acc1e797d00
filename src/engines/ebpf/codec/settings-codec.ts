import { OFFSET, SCTP_STATES, SIZE, TCP_STATES } from '../layout.gen.ts';
import { viewOf } from './address-codec.ts';

/** `struct settings` of bpf/abi.h: times in jiffies. */
export interface SettingsRecord {
  /** VIPR_LAYOUT; 0 in a map that was never written. */
  readonly layout: number;
  /** Jiffies a second. */
  readonly hz: number;
  /** SETTING_* */
  readonly flags: number;
  readonly connReuseMode: number;
  /** Every how many-th packet that would open a connection the defence drop_packet drops. */
  readonly dropPacketRate: number;
  /** How many entries of mark_rules count. */
  readonly markRules: number;
  /** Raised when a route, link or neighbour changed. */
  readonly routeGeneration: number;
  /** How long half-open connections may live while the table is almost full; 0 while it is not. */
  readonly embryonicLimit: number;
  readonly expireUdp: number;
  /** By TCP state, as numbered by IPVS. */
  readonly expireTcp: readonly number[];
  /** By SCTP state, as numbered by IPVS. */
  readonly expireSctp: readonly number[];
  readonly unprivilegedPortStart: number;
  /** One of how many visited entries the defence drop_entry examines. */
  readonly dropEntryOdds: number;
  /** From which packet of a connection on backups are told of it, and every how many packets again; 0: not by packets. */
  readonly syncThreshold: number;
  readonly syncPeriod: number;
  /** The sysctl sync_refresh_period. */
  readonly syncRefresh: number;
  readonly syncRetries: number;
}

const at = OFFSET.settings;

export function encodeSettings(record: SettingsRecord): Uint8Array {
  const bytes = new Uint8Array(SIZE.settings);
  const view = viewOf(bytes);
  view.setUint32(at.layout, record.layout, true);
  view.setUint32(at.hz, record.hz, true);
  view.setUint32(at.flags, record.flags, true);
  view.setUint32(at.conn_reuse_mode, record.connReuseMode, true);
  view.setUint32(at.drop_packet_rate, record.dropPacketRate, true);
  view.setUint32(at.mark_rules, record.markRules, true);
  view.setUint32(at.route_generation, record.routeGeneration, true);
  view.setUint32(at.embryonic_limit, record.embryonicLimit, true);
  view.setUint32(at.expire_udp, record.expireUdp, true);
  for (let state = 0; state < TCP_STATES; state++)
    view.setUint32(at.expire_tcp + 4 * state, record.expireTcp[state] ?? 0, true);
  for (let state = 0; state < SCTP_STATES; state++)
    view.setUint32(at.expire_sctp + 4 * state, record.expireSctp[state] ?? 0, true);
  view.setUint32(at.unprivileged_port_start, record.unprivilegedPortStart, true);
  view.setUint32(at.drop_entry_odds, record.dropEntryOdds, true);
  view.setUint32(at.sync_threshold, record.syncThreshold, true);
  view.setUint32(at.sync_period, record.syncPeriod, true);
  view.setUint32(at.sync_refresh, record.syncRefresh, true);
  view.setUint32(at.sync_retries, record.syncRetries, true);
  return bytes;
}

export function decodeSettings(bytes: Uint8Array): SettingsRecord {
  const view = viewOf(bytes);
  const word = (offset: number): number => view.getUint32(offset, true);
  const words = (offset: number, count: number): number[] =>
    Array.from({ length: count }, (_, index) => word(offset + 4 * index));
  return {
    layout: word(at.layout),
    hz: word(at.hz),
    flags: word(at.flags),
    connReuseMode: word(at.conn_reuse_mode),
    dropPacketRate: word(at.drop_packet_rate),
    markRules: word(at.mark_rules),
    routeGeneration: word(at.route_generation),
    embryonicLimit: word(at.embryonic_limit),
    expireUdp: word(at.expire_udp),
    expireTcp: words(at.expire_tcp, TCP_STATES),
    expireSctp: words(at.expire_sctp, SCTP_STATES),
    unprivilegedPortStart: word(at.unprivileged_port_start),
    dropEntryOdds: word(at.drop_entry_odds),
    syncThreshold: word(at.sync_threshold),
    syncPeriod: word(at.sync_period),
    syncRefresh: word(at.sync_refresh),
    syncRetries: word(at.sync_retries),
  };
}
