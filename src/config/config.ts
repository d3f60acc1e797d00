import type { IpAddress } from '../model/address.ts';
import type { Protocol } from '../model/service.ts';
import type { Table } from '../model/table.ts';
import type { FirewallMark, Port } from '../model/unit.ts';
import type { YamlSource } from './yaml-source.ts';

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

/** Settings of the eBPF engine with the names that they have under net.ipv4.vs. */
export type EbpfSysctlName =
  | 'am_droprate'
  | 'conn_reuse_mode'
  | 'drop_entry'
  | 'drop_packet'
  | 'expire_nodest_conn'
  | 'expire_quiescent_template'
  | 'pmtu_disc'
  | 'schedule_icmp'
  | 'secure_tcp'
  | 'sloppy_sctp'
  | 'sloppy_tcp';

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
  readonly sysctls?: Readonly<Partial<Record<EbpfSysctlName, number>>>;
  readonly marks?: readonly MarkRuleSettings[];
}

/** What a configuration file says of the relay; what is absent takes the default of `RelayOptions`. */
export interface RelaySettings {
  /** Whether a connection that its destination refuses goes to another one. */
  readonly retryRefused?: boolean;
  /** Seconds that a destination has to accept a connection. */
  readonly connectTimeout?: number;
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
  /** The file itself, for the positions of what is found wrong later. */
  readonly source: YamlSource;
}
