import type { IpAddress } from '../model/address.ts';
import type { DaemonRole, SyncDaemonSettings } from '../model/daemon.ts';
import type { Monitoring, NotifySettings } from '../model/monitoring.ts';
import type { ScriptSecurity } from '../model/script-security.ts';
import type { Protocol } from '../model/service.ts';
import type { Table } from '../model/table.ts';
import type { FirewallMark, Port } from '../model/unit.ts';
import type { VrrpSettings } from '../model/vrrp.ts';
import type { ConfigProblem } from './config-problem.ts';
import type { ConfigSource } from './config-source.ts';
import type { LogLevel } from './log-level.ts';

/** Engines that a configuration or a command line can ask for; `auto` leaves the choice to the director. */
export const ENGINE_CHOICES = ['auto', 'ipvs', 'ebpf', 'relay', 'memory'] as const;
/** One of {@link ENGINE_CHOICES}. */
export type EngineChoice = (typeof ENGINE_CHOICES)[number];

/** Where the eBPF engine meets packets; `auto` leaves the choice to the device. */
export const ATTACH_CHOICES = ['auto', 'xdp', 'tc'] as const;
/** One of {@link ATTACH_CHOICES}. */
export type AttachChoice = (typeof ATTACH_CHOICES)[number];

/** What becomes of changes that other programs make to the services of the configuration. */
export const DRIFT_MODES = ['report', 'repair', 'ignore'] as const;
/** One of {@link DRIFT_MODES}. */
export type DriftMode = (typeof DRIFT_MODES)[number];

/** Settings of the eBPF engine with the names that they have under net.ipv4.vs, and that are numbers. */
export type EbpfSysctlName =
  | 'am_droprate'
  | 'backup_only'
  | 'conn_reuse_mode'
  | 'drop_entry'
  | 'drop_packet'
  | 'expire_nodest_conn'
  | 'expire_quiescent_template'
  | 'pmtu_disc'
  | 'schedule_icmp'
  | 'secure_tcp'
  | 'sloppy_sctp'
  | 'sloppy_tcp'
  | 'sync_persist_mode'
  | 'sync_qlen_max'
  | 'sync_refresh_period'
  | 'sync_retries'
  | 'sync_sock_size';

/** What is given of the settings of the eBPF engine that are named as under net.ipv4.vs. */
export interface EbpfSysctls extends Readonly<Partial<Record<EbpfSysctlName, number>>> {
  /** From which packet on backups are told of a connection, and every how many packets again; 0: not by packets. */
  readonly sync_threshold?: readonly [threshold: number, period: number];
}

/** Gives packets without a firewall mark one, by where they go. */
export interface MarkRuleSettings {
  readonly mark: FirewallMark;
  /** Absent for any. */
  readonly protocol?: Protocol;
  readonly address: IpAddress;
  /** Bits of the address that count, from 0. */
  readonly prefixLength: number;
  /** Destination ports, both included. */
  readonly firstPort: Port;
  readonly lastPort: Port;
}

/** What a configuration file says of the eBPF engine; what is absent takes the engine's default. */
export interface EbpfSettings {
  readonly attach?: AttachChoice;
  /** Names and patterns of interfaces. */
  readonly interfaces?: readonly string[];
  /** Entries that the maps have room for. */
  readonly connections?: number;
  readonly services?: number;
  readonly destinations?: number;
  readonly sysctls?: EbpfSysctls;
  readonly marks?: readonly MarkRuleSettings[];
}

/** What a configuration file says of the relay; what is absent takes the default of `RelayOptions`. */
export interface RelaySettings {
  /** Whether a connection that its destination refuses goes to another one. */
  readonly retryRefused?: boolean;
  /** Seconds that a destination has to accept a connection. */
  readonly connectTimeout?: number;
}

/** How the log is written. */
export const LOG_FORMATS = ['text', 'json'] as const;
/** One of {@link LOG_FORMATS}. */
export type LogFormat = (typeof LOG_FORMATS)[number];

/** Where the control API listens besides its socket. */
export interface ApiSettings {
  /** An address of this host; beyond loopback only with `tokenFile`. */
  readonly address: IpAddress;
  readonly port: Port;
  /** A file whose first line is the token that requests have to bring. */
  readonly tokenFile?: string;
  /** PEM files; present for HTTPS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** What a configuration file says of the log; what is absent takes the default of the command line. */
export interface LoggingSettings {
  readonly level?: LogLevel;
  readonly format?: LogFormat;
}

/** A connection synchronisation daemon that the director keeps. */
export interface SyncSettings extends Omit<SyncDaemonSettings, 'role'> {
  /** Fixed, or that of the VRRP instance with this name: a master while it is master, and else a backup. */
  readonly role: DaemonRole | { readonly follow: string };
}

/** A configuration file, checked. */
export interface Config {
  readonly engine: EngineChoice;
  /** Worker threads of the relay; absent for one a core. */
  readonly workers?: number;
  /** Settings of the relay engine that the file gives. */
  readonly relay: RelaySettings;
  /** Settings of the eBPF engine that the file gives. */
  readonly ebpf: EbpfSettings;
  readonly drift: DriftMode;
  /** Services in the order of the file; destinations the last one first, as if they had been added in its order. */
  readonly table: Table;
  /** How the table's services are watched. */
  readonly monitoring: Monitoring;
  readonly notify: NotifySettings;
  readonly scriptSecurity: ScriptSecurity;
  /** Absent: the API has only its socket. */
  readonly api?: ApiSettings;
  readonly logging: LoggingSettings;
  /** Absent: the director speaks no VRRP. */
  readonly vrrp?: VrrpSettings;
  /**
   * Absent: daemons are left as they are. One that follows an instance is the only one; of the fixed roles each is there at most
   * once.
   */
  readonly sync?: readonly SyncSettings[];
  /** What the file says and vipr understands, but does not do; in the order of the file. */
  readonly warnings: readonly ConfigProblem[];
  /** The file itself, for the positions of what is found wrong later. */
  readonly source: ConfigSource;
}
