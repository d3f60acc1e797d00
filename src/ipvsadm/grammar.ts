import { type PoptOption, PoptTable } from './popt.ts';

/**
 * The options of `ipvsadm`, by the names that its messages give them, in the order in which they are checked: where
 * several are wrong the first of this list is named.
 */
export const OPTIONS = [
  'numeric',
  'connection',
  'service-address',
  'scheduler',
  'persistent',
  'netmask',
  'real-server',
  'forwarding-method',
  'weight',
  'u-threshold',
  'l-threshold',
  'mcast-interface',
  'timeout',
  'daemon',
  'stats',
  'rate',
  'thresholds',
  'persistent-conn',
  'nosort',
  'syncid',
  'exact',
  'ops',
  'pe',
  'sched-flags',
  'mcast-group',
  'mcast-port',
  'mcast-ttl',
  'sync-maxlen',
  'tun-info',
  'tun-type',
  'tun-port',
  'tun-nocsum',
  'tun-csum',
  'tun-remcsum',
] as const;

export type OptionName = (typeof OPTIONS)[number];

/** Which options a command goes with. */
export interface OptionRules {
  readonly required?: readonly OptionName[];
  readonly allowed?: readonly OptionName[];
  /** At most one of these. */
  readonly exclusive?: readonly OptionName[];
}

const SERVICE_OPTIONS = ['scheduler', 'persistent', 'netmask', 'ops', 'pe', 'sched-flags'] as const;
const CHECKSUM_OPTIONS = ['tun-nocsum', 'tun-csum', 'tun-remcsum'] as const;
const SERVER_OPTIONS = [
  'forwarding-method',
  'weight',
  'u-threshold',
  'l-threshold',
  'tun-type',
  'tun-port',
  ...CHECKSUM_OPTIONS,
] as const;
const LIST_OPTIONS = [
  'numeric',
  'stats',
  'rate',
  'thresholds',
  'persistent-conn',
  'nosort',
  'syncid',
  'exact',
  'tun-info',
] as const;
const DAEMON_OPTIONS = [
  'mcast-interface',
  'syncid',
  'mcast-group',
  'mcast-port',
  'mcast-ttl',
  'sync-maxlen',
] as const;

/** The commands, by the names that messages give them (`-C` is `flush` there). */
export const COMMAND_RULES = {
  'add-service': { required: ['service-address'], allowed: SERVICE_OPTIONS },
  'edit-service': { required: ['service-address'], allowed: SERVICE_OPTIONS },
  'delete-service': { required: ['service-address'] },
  flush: {},
  list: { allowed: LIST_OPTIONS, exclusive: ['connection', 'service-address', 'timeout', 'daemon'] },
  'add-server': { required: ['service-address', 'real-server'], allowed: SERVER_OPTIONS },
  'delete-server': { required: ['service-address', 'real-server'] },
  'edit-server': { required: ['service-address', 'real-server'], allowed: SERVER_OPTIONS },
  set: {},
  'start-daemon': { allowed: DAEMON_OPTIONS },
  'stop-daemon': { allowed: ['syncid'] },
  restore: {},
  save: { allowed: ['numeric'] },
  zero: { allowed: ['service-address'] },
} as const satisfies Record<string, OptionRules>;

export type CommandName = keyof typeof COMMAND_RULES;

/** Which tunnel options go with a type of tunnel. */
export const TUNNEL_RULES = {
  ipip: {},
  gue: { required: ['tun-port'], exclusive: CHECKSUM_OPTIONS },
  gre: { exclusive: ['tun-nocsum', 'tun-csum'] },
} as const satisfies Record<string, OptionRules>;

export type TunnelType = keyof typeof TUNNEL_RULES;

/** Switches that are commands: the first switch of a command line must be one of them. */
const COMMAND_SWITCHES = [
  { id: 'add-service', long: 'add-service', short: 'A', argument: 'none' },
  { id: 'edit-service', long: 'edit-service', short: 'E', argument: 'none' },
  { id: 'delete-service', long: 'delete-service', short: 'D', argument: 'none' },
  { id: 'flush', long: 'clear', short: 'C', argument: 'none' },
  { id: 'list', long: 'list', short: 'L', argument: 'none' },
  { id: 'list', short: 'l', argument: 'none' },
  { id: 'zero', long: 'zero', short: 'Z', argument: 'none' },
  { id: 'add-server', long: 'add-server', short: 'a', argument: 'none' },
  { id: 'edit-server', long: 'edit-server', short: 'e', argument: 'none' },
  { id: 'delete-server', long: 'delete-server', short: 'd', argument: 'none' },
  { id: 'set', long: 'set', argument: 'none' },
  { id: 'start-daemon', long: 'start-daemon', argument: 'required' },
  { id: 'stop-daemon', long: 'stop-daemon', argument: 'required' },
  { id: 'restore', long: 'restore', short: 'R', argument: 'none' },
  { id: 'save', long: 'save', short: 'S', argument: 'none' },
  { id: 'help', long: 'help', short: 'h', argument: 'none' },
  { id: 'version', long: 'version', short: 'v', argument: 'none' },
] as const;

/** Switches that follow the command. */
const OPTION_SWITCHES = [
  { id: 'tcp-service', long: 'tcp-service', short: 't', argument: 'required' },
  { id: 'udp-service', long: 'udp-service', short: 'u', argument: 'required' },
  { id: 'sctp-service', long: 'sctp-service', argument: 'required' },
  { id: 'fwmark-service', long: 'fwmark-service', short: 'f', argument: 'required' },
  { id: 'ipv6', long: 'ipv6', short: '6', argument: 'none' },
  { id: 'scheduler', long: 'scheduler', short: 's', argument: 'required' },
  { id: 'persistent', long: 'persistent', short: 'p', argument: 'optional' },
  { id: 'netmask', long: 'netmask', short: 'M', argument: 'required' },
  { id: 'ops', long: 'ops', short: 'o', argument: 'none' },
  { id: 'pe', long: 'pe', argument: 'required' },
  { id: 'sched-flags', long: 'sched-flags', short: 'b', argument: 'required' },
  { id: 'real-server', long: 'real-server', short: 'r', argument: 'required' },
  { id: 'gatewaying', long: 'gatewaying', short: 'g', argument: 'none' },
  { id: 'ipip', long: 'ipip', short: 'i', argument: 'none' },
  { id: 'masquerading', long: 'masquerading', short: 'm', argument: 'none' },
  { id: 'weight', long: 'weight', short: 'w', argument: 'required' },
  { id: 'u-threshold', long: 'u-threshold', short: 'x', argument: 'required' },
  { id: 'l-threshold', long: 'l-threshold', short: 'y', argument: 'required' },
  { id: 'tun-type', long: 'tun-type', argument: 'required' },
  { id: 'tun-port', long: 'tun-port', argument: 'required' },
  { id: 'tun-nocsum', long: 'tun-nocsum', argument: 'none' },
  { id: 'tun-csum', long: 'tun-csum', argument: 'none' },
  { id: 'tun-remcsum', long: 'tun-remcsum', argument: 'none' },
  { id: 'numeric', long: 'numeric', short: 'n', argument: 'none' },
  { id: 'connection', long: 'connection', short: 'c', argument: 'none' },
  { id: 'timeout', long: 'timeout', argument: 'none' },
  { id: 'daemon', long: 'daemon', argument: 'none' },
  { id: 'stats', long: 'stats', argument: 'none' },
  { id: 'rate', long: 'rate', argument: 'none' },
  { id: 'thresholds', long: 'thresholds', argument: 'none' },
  { id: 'persistent-conn', long: 'persistent-conn', argument: 'none' },
  { id: 'tun-info', long: 'tun-info', argument: 'none' },
  { id: 'exact', long: 'exact', short: 'X', argument: 'none' },
  { id: 'nosort', long: 'nosort', argument: 'none' },
  { id: 'sort', long: 'sort', argument: 'none' },
  { id: 'mcast-interface', long: 'mcast-interface', argument: 'required' },
  { id: 'mcast-group', long: 'mcast-group', argument: 'required' },
  { id: 'mcast-port', long: 'mcast-port', argument: 'required' },
  { id: 'mcast-ttl', long: 'mcast-ttl', argument: 'required' },
  { id: 'syncid', long: 'syncid', argument: 'required' },
  { id: 'sync-maxlen', long: 'sync-maxlen', argument: 'required' },
] as const;

export type CommandSwitch = (typeof COMMAND_SWITCHES)[number]['id'];
export type OptionSwitch = (typeof OPTION_SWITCHES)[number]['id'];
export type Switch = CommandSwitch | OptionSwitch;

export const SWITCHES: readonly PoptOption<Switch>[] = [...COMMAND_SWITCHES, ...OPTION_SWITCHES];

export const SWITCH_TABLE = new PoptTable(SWITCHES);

const COMMAND_SWITCH_IDS: ReadonlySet<Switch> = new Set(COMMAND_SWITCHES.map((entry) => entry.id));

export const isCommandSwitch = (id: Switch): id is CommandSwitch => COMMAND_SWITCH_IDS.has(id);
