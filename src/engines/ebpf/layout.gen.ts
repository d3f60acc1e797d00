// Made by `npm run build:bpf` from bpf/abi.h; not to be edited.

/** Bytes of each struct. */
export const SIZE = {
  address: 16,
  settings: 160,
  service_key: 20,
  service: 44,
  service_live: 16,
  counters: 40,
  destination: 64,
  destination_live: 16,
  next_hop: 40,
  interface: 16,
  flow4: 16,
  flow6: 40,
  connection: 64,
  reply4: 8,
  reply6: 20,
  reply_hint: 20,
  fragment_key: 40,
  fragment: 4,
  icmp_budget: 16,
  mark_rule: 28,
  address_filter: 65536,
  cache_key: 20,
  cache_entry: 152,
  sync_event: 112,
  sync_put: 112,
  clock: 16,
} as const;

/** Bytes from the start of a struct to each of its fields. */
export const OFFSET = {
  address: {
    word: 0,
  },
  settings: {
    layout: 0,
    hz: 4,
    flags: 8,
    conn_reuse_mode: 12,
    drop_packet_rate: 16,
    mark_rules: 20,
    route_generation: 24,
    embryonic_limit: 28,
    expire_udp: 32,
    expire_tcp: 36,
    expire_sctp: 80,
    unprivileged_port_start: 136,
    drop_entry_odds: 140,
    sync_threshold: 144,
    sync_period: 148,
    sync_refresh: 152,
    sync_retries: 156,
  },
  service_key: {
    family: 0,
    protocol: 1,
    port: 2,
    address: 4,
  },
  service: {
    id: 0,
    flags: 4,
    netmask: 8,
    prefix_length: 12,
    persistence_timeout: 16,
    persistence_seconds: 20,
    order: 24,
    scheduler: 28,
  },
  service_live: {
    position: 0,
    placed: 8,
  },
  counters: {
    connections: 0,
    in_packets: 8,
    out_packets: 16,
    in_bytes: 24,
    out_bytes: 32,
  },
  destination: {
    flags: 0,
    service: 4,
    family: 8,
    method: 9,
    tunnel_type: 10,
    tunnel_flags: 11,
    port: 12,
    tunnel_port: 14,
    address: 16,
    weight: 32,
    upper_threshold: 36,
    lower_threshold: 40,
    last_weight: 44,
    order: 48,
    trashed: 56,
  },
  destination_live: {
    active: 0,
    inactive: 4,
    persistent: 8,
    overloaded: 12,
  },
  next_hop: {
    flags: 0,
    ifindex: 4,
    mtu: 8,
    destination_mac: 12,
    source_mac: 18,
    source: 24,
  },
  interface: {
    flags: 0,
    mtu: 4,
    mac: 8,
    zero: 14,
  },
  flow4: {
    client: 0,
    virtual: 4,
    client_port: 8,
    virtual_port: 10,
    protocol: 12,
    kind: 13,
    zero: 14,
  },
  flow6: {
    client: 0,
    virtual: 16,
    client_port: 32,
    virtual_port: 34,
    protocol: 36,
    kind: 37,
    zero: 38,
  },
  connection: {
    expires: 0,
    reported: 8,
    timeout: 16,
    destination: 20,
    word: 24,
    packets: 28,
    firewall_mark: 32,
    netmask: 36,
    controlled: 40,
    destination_port: 44,
    link: 46,
    reported_state: 47,
    client_generation: 48,
    client_ifindex: 52,
    client_mac: 54,
  },
  reply4: {
    virtual: 0,
    virtual_port: 4,
    orphan: 6,
  },
  reply6: {
    virtual: 0,
    virtual_port: 16,
    orphan: 18,
  },
  reply_hint: {
    virtual: 0,
    virtual_port: 16,
    zero: 18,
  },
  fragment_key: {
    source: 0,
    destination: 16,
    identification: 32,
    protocol: 36,
    family: 37,
    zero: 38,
  },
  fragment: {
    source_port: 0,
    destination_port: 2,
  },
  icmp_budget: {
    second: 0,
    sent: 8,
    zero: 12,
  },
  mark_rule: {
    family: 0,
    protocol: 1,
    prefix_length: 2,
    zero: 3,
    first_port: 4,
    last_port: 6,
    mark: 8,
    address: 12,
  },
  address_filter: {
    slot: 0,
  },
  cache_key: {
    service: 0,
    address: 4,
  },
  cache_entry: {
    last_use: 0,
    last_modified: 8,
    count: 16,
    zero: 20,
    member: 24,
  },
  sync_event: {
    flow: 0,
    family: 40,
    zero: 44,
    connection: 48,
  },
  sync_put: {
    flow: 0,
    family: 40,
    result: 44,
    connection: 48,
  },
  clock: {
    jiffies: 0,
    nanoseconds: 8,
  },
} as const;

export const VIPR_LAYOUT = 2;
export const NO_ID = 4294967295;
export const TCP_STATES = 11;
export const SCTP_STATES = 14;
export const SETTING_EXPIRE_NODEST_CONN = 1;
export const SETTING_EXPIRE_QUIESCENT_TEMPLATE = 2;
export const SETTING_SLOPPY_TCP = 4;
export const SETTING_SLOPPY_SCTP = 8;
export const SETTING_SECURE_TCP = 16;
export const SETTING_DROP_ENTRY = 32;
export const SETTING_DROP_PACKET = 64;
export const SETTING_PMTU_DISC = 128;
export const SETTING_SYNC_MASTER = 256;
export const SETTING_SCHEDULE_ICMP = 512;
export const SETTING_SYNC_PERSIST_MODE = 1024;
export const SETTING_BACKUP_ONLY = 2048;
export const SETTING_MARK_SERVICES = 65536;
export const SETTING_ANY_PORT_SERVICES = 131072;
export const SETTING_FTP_SERVICES = 262144;
export const SETTING_LOCAL_SERVERS = 524288;
export const SERVICE_PERSISTENT = 1;
export const SERVICE_ONE_PACKET = 4;
export const SERVICE_FLAG_1 = 8;
export const SERVICE_FLAG_2 = 16;
export const SERVICE_FLAG_3 = 32;
export const SELECTION_STAGE = 0;
export const SELECTION_RULE = 1;
export const SELECTION_LENGTH = 2;
export const SELECTION_TOTAL_LOW = 3;
export const SELECTION_TOTAL_HIGH = 4;
export const SELECTION_BODY = 8;
export const SEGMENT_END_LOW = 0;
export const SEGMENT_END_HIGH = 1;
export const SEGMENT_AT = 2;
export const SEGMENT_SIZE = 3;
export const SEGMENT_WORDS = 4;
export const DESTINATION_USED = 1;
export const DESTINATION_AVAILABLE = 2;
export const DESTINATION_MASQUERADED = 4;
export const NEXT_HOP_RESOLVED = 1;
export const NEXT_HOP_LOCAL = 2;
export const NEXT_HOP_SOURCE = 4;
export const INTERFACE_XDP_TARGET = 1;
export const CONNECTION_STATE = 255;
export const CONNECTION_METHOD_SHIFT = 8;
export const CONNECTION_METHOD = 1792;
export const CONNECTION_INACTIVE = 2048;
export const CONNECTION_NO_OUTPUT = 4096;
export const CONNECTION_TEMPLATE = 8192;
export const CONNECTION_ASSURED = 16384;
export const CONNECTION_SYNCHRONISED = 32768;
export const CONNECTION_DYING = 65536;
export const CONNECTION_REPLY_TAKEN = 131072;
export const REPLY_HINTS = 4096;
export const ICMP_A_SECOND = 1000;
export const FILTER_SLOTS = 65536;
export const FILTER_VIRTUAL = 1;
export const FILTER_SERVER = 2;
export const FILTER_MULTIPLIER = 1640531527;
export const FILTER_SHIFT = 16;
export const CACHE_MEMBERS = 32;
export const STAGE_NONE = 0;
export const STAGE_RING = 1;
export const STAGE_HASH = 2;
export const STAGE_SCORE = 3;
export const STAGE_CACHE = 4;
export const RULE_NONE = 0;
export const RULE_SH = 1;
export const RULE_DH = 2;
export const RULE_MH = 3;
export const RULE_LC = 4;
export const RULE_WLC = 5;
export const RULE_SED = 6;
export const RULE_NQ = 7;
export const RULE_FO = 8;
export const RULE_OVF = 9;
export const RULE_TWOS = 10;
export const RULE_LBLC = 11;
export const RULE_LBLCR = 12;
export const METHOD_MASQUERADE = 0;
export const METHOD_LOCAL = 1;
export const METHOD_TUNNEL = 2;
export const METHOD_DIRECT = 3;
export const METHOD_BYPASS = 4;
export const TUNNEL_IPIP = 0;
export const TUNNEL_GUE = 1;
export const TUNNEL_GRE = 2;
export const FLOW_CONNECTION = 0;
export const FLOW_TEMPLATE = 1;
export const FLOW_MARK_TEMPLATE = 2;
export const LINK_NONE = 0;
export const LINK_PORT = 1;
export const LINK_ANY_PORT = 2;
export const LINK_MARK = 3;
export const TOTAL_PACKETS = 0;
export const TOTAL_CONNECTIONS_ADDED = 1;
export const TOTAL_CONNECTIONS_REMOVED = 2;
export const TOTAL_TABLE_FULL = 3;
export const TOTAL_NO_DESTINATION = 4;
export const TOTAL_DESTINATION_GONE = 5;
export const TOTAL_NO_NEXT_HOP = 6;
export const TOTAL_TTL_EXCEEDED = 7;
export const TOTAL_TOO_BIG = 8;
export const TOTAL_FRAGMENT_UNKNOWN = 9;
export const TOTAL_DROP_PACKET = 10;
export const TOTAL_DROP_ENTRY = 11;
export const TOTAL_ICMP_SENT = 12;
export const TOTAL_MALFORMED = 13;
export const TOTAL_PUNTED = 14;
export const TOTAL_REWRITE_FAILED = 15;
export const TOTAL_SYNC_LOST = 16;
export const TOTALS = 17;
export const SYNC_ADDED = 0;
export const SYNC_UPDATED = 1;
export const SYNC_MOVED = 2;
export const SYNC_KEPT = 3;
export const SYNC_FULL = 4;
export const SYNC_GONE = 5;
