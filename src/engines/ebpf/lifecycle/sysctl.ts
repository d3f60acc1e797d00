import type { SettingsRecord } from '../codec/settings-codec.ts';
import * as layout from '../layout.gen.ts';

/** Settings with the names and defaults of net.ipv4.vs (Documentation/networking/ipvs-sysctl.rst); switches are 0 or 1. */
export interface Sysctls {
  readonly am_droprate: number;
  /** While a backup daemon runs and no master, packets of clients are left alone. */
  readonly backup_only: number;
  /** Bit 0: as IPVS; bit 1: also where the destination is quiesced. */
  readonly conn_reuse_mode: number;
  readonly drop_entry: DefenceMode;
  readonly drop_packet: DefenceMode;
  readonly expire_nodest_conn: number;
  readonly expire_quiescent_template: number;
  readonly pmtu_disc: number;
  readonly schedule_icmp: number;
  readonly secure_tcp: DefenceMode;
  readonly sloppy_sctp: number;
  readonly sloppy_tcp: number;
  /** Of persistent connections only templates are told. */
  readonly sync_persist_mode: number;
  /** Datagrams of a master that may wait. */
  readonly sync_qlen_max: number;
  /** Seconds. */
  readonly sync_refresh_period: number;
  /** 0 to 3. */
  readonly sync_retries: number;
  /** Bytes of the daemons' socket buffers; 0 for the system's choice. */
  readonly sync_sock_size: number;
  /** From which packet on backups are told of a connection, and every how many packets again; 0: not by packets. */
  readonly sync_threshold: readonly [threshold: number, period: number];
}

/** 0 never, 1 and 2 while the table is almost full, 3 always. */
export type DefenceMode = number;

export const DEFAULT_SYSCTLS: Sysctls = {
  am_droprate: 10,
  backup_only: 0,
  conn_reuse_mode: 1,
  drop_entry: 0,
  drop_packet: 0,
  expire_nodest_conn: 0,
  expire_quiescent_template: 0,
  pmtu_disc: 1,
  schedule_icmp: 0,
  secure_tcp: 0,
  sloppy_sctp: 0,
  sloppy_tcp: 0,
  sync_persist_mode: 0,
  sync_qlen_max: 4096,
  sync_refresh_period: 0,
  sync_retries: 0,
  sync_sock_size: 0,
  sync_threshold: [3, 50],
};

/** Those that are on or off whatever happens; defences come and go. */
const FLAGS = {
  expire_nodest_conn: layout.SETTING_EXPIRE_NODEST_CONN,
  expire_quiescent_template: layout.SETTING_EXPIRE_QUIESCENT_TEMPLATE,
  pmtu_disc: layout.SETTING_PMTU_DISC,
  schedule_icmp: layout.SETTING_SCHEDULE_ICMP,
  sloppy_sctp: layout.SETTING_SLOPPY_SCTP,
  sloppy_tcp: layout.SETTING_SLOPPY_TCP,
  sync_persist_mode: layout.SETTING_SYNC_PERSIST_MODE,
} as const satisfies Partial<Record<keyof Sysctls, number>>;

/** The change of `settings` that puts the sysctls into effect, but for the defences and `backup_only`. */
export function sysctlSettings(sysctls: Sysctls, hz: number, { flags }: Pick<SettingsRecord, 'flags'>) {
  let changed = flags;
  for (const [name, flag] of Object.entries(FLAGS)) {
    const on = sysctls[name as keyof typeof FLAGS] === 1;
    changed = on ? changed | flag : changed & ~flag;
  }
  const [syncThreshold, syncPeriod] = sysctls.sync_threshold;
  return {
    flags: changed >>> 0,
    connReuseMode: sysctls.conn_reuse_mode,
    syncThreshold,
    syncPeriod,
    syncRefresh: sysctls.sync_refresh_period * hz,
    syncRetries: sysctls.sync_retries,
  };
}
