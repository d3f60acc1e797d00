/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * What the data plane and the program that drives it share: keys and values of the maps. docs/ebpf-data-plane.md says how they
 * work together. Numbers are in host order and times in jiffies, unless a type says otherwise (__be16, __be32: network order).
 * Every change of a layout raises VIPR_LAYOUT.
 */
#ifndef VIPR_ABI_H
#define VIPR_ABI_H

#define VIPR_LAYOUT 2

/* An id of a destination or service is its index in the arrays below; this one stands for nobody. */
#define NO_ID 0xffffffffu

/* An address of either family: IPv4 in the first word, the others 0. */
struct address {
	__be32 word[4];
};

/* ---- settings: ARRAY of one ---- */

#define TCP_STATES 11
#define SCTP_STATES 14

/* settings.flags: the sysctls of net.ipv4.vs that are switches, and what the table holds */
#define SETTING_EXPIRE_NODEST_CONN (1u << 0)
#define SETTING_EXPIRE_QUIESCENT_TEMPLATE (1u << 1)
#define SETTING_SLOPPY_TCP (1u << 2)
#define SETTING_SLOPPY_SCTP (1u << 3)
#define SETTING_SECURE_TCP (1u << 4) /* secure_tcp is on by now */
#define SETTING_DROP_ENTRY (1u << 5) /* drop_entry is on by now */
#define SETTING_DROP_PACKET (1u << 6) /* drop_packet is on by now */
#define SETTING_PMTU_DISC (1u << 7)
#define SETTING_SYNC_MASTER (1u << 8) /* backups are told of connections: sync_events is read */
#define SETTING_SCHEDULE_ICMP (1u << 9)
#define SETTING_SYNC_PERSIST_MODE (1u << 10) /* of persistent connections only templates are told */
#define SETTING_BACKUP_ONLY (1u << 11) /* backup_only, while this host is a backup */
#define SETTING_MARK_SERVICES (1u << 16) /* some service is on a firewall mark */
#define SETTING_ANY_PORT_SERVICES (1u << 17) /* some service is on port 0 */
#define SETTING_FTP_SERVICES (1u << 18) /* some service is on TCP port 21 */
#define SETTING_LOCAL_SERVERS (1u << 19) /* some destination is this host: replies pass tc egress */

struct settings {
	__u32 layout; /* VIPR_LAYOUT */
	__u32 hz; /* jiffies a second */
	__u32 flags; /* SETTING_* */
	__u32 conn_reuse_mode; /* bit 0 and bit 1 as the sysctl; 0: off */
	__u32 drop_packet_rate; /* every how many-th packet that would open a connection is dropped */
	__u32 mark_rules; /* how many of mark_rules count */
	__u32 route_generation; /* raised whenever a route, link or neighbour changed: cached next hops lapse */
	__u32 embryonic_limit; /* jiffies that half-open connections may live while the table is almost full; 0: as their state says */
	__u32 expire_udp; /* jiffies */
	__u32 expire_tcp[TCP_STATES]; /* jiffies by state, as numbered by enum tcp_state */
	__u32 expire_sctp[SCTP_STATES]; /* jiffies by state, as numbered by enum sctp_state */
	__u32 unprivileged_port_start; /* net.ipv4.ip_unprivileged_port_start, for ftp services */
	__u32 drop_entry_odds; /* drop_entry: one of how many visited entries is examined in a sweep */
	/* as the sysctls sync_threshold (both numbers), sync_refresh_period (in jiffies) and sync_retries */
	__u32 sync_threshold;
	__u32 sync_period;
	__u32 sync_refresh;
	__u32 sync_retries;
};

/* ---- services: HASH of service_key ---- */

struct service_key {
	__u8 family; /* AF_INET, AF_INET6 */
	__u8 protocol; /* IPPROTO_TCP, UDP, SCTP; 0: the service of a firewall mark */
	__be16 port; /* 0: every port of the address; 0 for marks */
	struct address address; /* for marks: the mark, host order, in the first word */
};

/* service.flags as in IPVS (IP_VS_SVC_F_*) */
#define SERVICE_PERSISTENT 0x01u
#define SERVICE_ONE_PACKET 0x04u
#define SERVICE_FLAG_1 0x08u /* sh, mh: fallback */
#define SERVICE_FLAG_2 0x10u /* sh, mh: port */
#define SERVICE_FLAG_3 0x20u

struct service {
	__u32 id;
	__u32 flags; /* SERVICE_* */
	__be32 netmask; /* persistence, IPv4 */
	__u32 prefix_length; /* persistence, IPv6: 1..128 */
	__u32 persistence_timeout; /* jiffies */
	/* kept here for the director's restart only */
	__u32 persistence_seconds; /* 0 where not persistent */
	__u32 order; /* raised with each service that is added */
	char scheduler[16]; /* as in -s, NUL-terminated */
};

/* service_live: ARRAY by id; the data plane moves the position, the director places it when the ring is replaced */
struct service_live {
	__u64 position; /* selection stage `ring`: choices so far */
	__u64 placed; /* the position as the director set it last: where they are equal, nobody was chosen since */
};

/* service_keys: ARRAY of struct service_key by id, for the director's restart only: whose id this is or was last */

/* service_counters, destination_counters: PERCPU_ARRAY by id; service_zero, destination_zero: ARRAY by id, what -Z took away */
struct counters {
	__u64 connections;
	__u64 in_packets;
	__u64 out_packets;
	__u64 in_bytes;
	__u64 out_bytes;
};

/* ---- selection: ARRAY_OF_MAPS by service id, each an ARRAY of __u32; replaced as a whole ---- */

#define SELECTION_STAGE 0 /* word: enum selection_stage */
#define SELECTION_RULE 1 /* word: enum selection_rule */
#define SELECTION_LENGTH 2 /* word: list: how many destinations; hash: how many slots; ring: how many segments */
#define SELECTION_TOTAL_LOW 3 /* words: ring: length of the whole ring */
#define SELECTION_TOTAL_HIGH 4
#define SELECTION_BODY 8 /* the first word of the body */

enum selection_stage {
	STAGE_NONE, /* schedules nobody */
	STAGE_RING, /* body: LENGTH segments of four words, then members: see docs */
	STAGE_HASH, /* body: LENGTH ids, NO_ID for an empty slot */
	STAGE_SCORE, /* body: LENGTH ids in list order, the newest first */
	STAGE_CACHE, /* body: as STAGE_SCORE; the rule wlc chooses on a miss */
};

/* A segment of a ring: positions up to `end` (of the whole ring) go round `size` members from word `at` of the body. */
#define SEGMENT_END_LOW 0
#define SEGMENT_END_HIGH 1
#define SEGMENT_AT 2
#define SEGMENT_SIZE 3
#define SEGMENT_WORDS 4

enum selection_rule {
	RULE_NONE,
	/* STAGE_HASH */
	RULE_SH, /* client, multiplicative */
	RULE_DH, /* destination address of the packet, multiplicative */
	RULE_MH, /* client, SipHash-1-3 */
	/* STAGE_SCORE */
	RULE_LC,
	RULE_WLC,
	RULE_SED,
	RULE_NQ,
	RULE_FO,
	RULE_OVF,
	RULE_TWOS,
	/* STAGE_CACHE */
	RULE_LBLC,
	RULE_LBLCR,
};

/* ---- destinations: ARRAY by id ---- */

#define DESTINATION_USED (1u << 0) /* the slot is taken: by a destination, or by a deleted one with connections */
#define DESTINATION_AVAILABLE (1u << 1) /* it is in its service's list (IP_VS_DEST_F_AVAILABLE) */
#define DESTINATION_MASQUERADED (1u << 2) /* it was masqueraded at some time: connections of then may be left */

/* destination.method, and the method of a connection: as in IPVS (IP_VS_CONN_F_*) */
enum forwarding_method {
	METHOD_MASQUERADE,
	METHOD_LOCAL,
	METHOD_TUNNEL,
	METHOD_DIRECT,
	METHOD_BYPASS,
};

enum tunnel_type {
	TUNNEL_IPIP,
	TUNNEL_GUE,
	TUNNEL_GRE,
};

struct destination {
	__u32 flags; /* DESTINATION_* */
	__u32 service; /* id */
	__u8 family; /* of the address */
	__u8 method; /* enum forwarding_method: of new connections */
	__u8 tunnel_type; /* enum tunnel_type */
	__u8 tunnel_flags; /* as in IPVS: 0 no checksum, 1 checksum, 2 remote checksum */
	__be16 port; /* 0: that of the packet */
	__be16 tunnel_port;
	struct address address;
	__u32 weight; /* 0..2147483647 */
	__u32 upper_threshold; /* 0: none */
	__u32 lower_threshold; /* 0: three quarters of the upper one */
	/* kept here for the director's restart only */
	__u32 last_weight;
	__u32 order; /* raised with each destination that is added: the newest first is the list's order */
	__u64 trashed; /* jiffies when it was deleted */
};

/* destination_live: ARRAY by id, written by the data plane; the director sets `overloaded` and zeroes what it allocates */
struct destination_live {
	__u32 active;
	__u32 inactive;
	__u32 persistent;
	__u32 overloaded; /* 1: the upper threshold was reached (IP_VS_DEST_F_OVERLOAD) */
};

/* ---- next_hops: ARRAY by destination id, written by the director from rtnetlink ---- */

#define NEXT_HOP_RESOLVED (1u << 0) /* ifindex and both MAC addresses hold */
#define NEXT_HOP_LOCAL (1u << 1) /* the address is this host's */
#define NEXT_HOP_SOURCE (1u << 2) /* `source` holds */

struct next_hop {
	__u32 flags; /* NEXT_HOP_* */
	__u32 ifindex;
	__u32 mtu; /* bytes of IP that fit the way; 0: unknown */
	__u8 destination_mac[6];
	__u8 source_mac[6];
	struct address source; /* outer source of a tunnel, of the destination's family */
};

/* ---- interfaces: ARRAY by ifindex, written by the director before it attaches programs; MTU 0: there is none ---- */

#define INTERFACE_XDP_TARGET (1u << 0) /* XDP can send frames out of it */

struct interface {
	__u32 flags; /* INTERFACE_* */
	__u32 mtu; /* bytes of IP */
	__u8 mac[6];
	__u16 zero;
};

/* ---- connections4, connections6: HASH ---- */

enum flow_kind {
	FLOW_CONNECTION,
	FLOW_TEMPLATE, /* client masked, client port 0 */
	FLOW_MARK_TEMPLATE, /* besides, the firewall mark, host order, in the first word of `virtual`, protocol and ports 0 */
};

struct flow4 {
	__be32 client;
	__be32 virtual;
	__be16 client_port;
	__be16 virtual_port;
	__u8 protocol;
	__u8 kind; /* enum flow_kind */
	__u16 zero;
};

struct flow6 {
	struct address client;
	struct address virtual;
	__be16 client_port;
	__be16 virtual_port;
	__u8 protocol;
	__u8 kind;
	__u16 zero;
};

/* connection.word: the state in the low eight bits (enum tcp_state, sctp_state; 0 for UDP), then flags; changed by compare-and-swap */
#define CONNECTION_STATE 0xffu
#define CONNECTION_METHOD_SHIFT 8 /* three bits: enum forwarding_method */
#define CONNECTION_METHOD (7u << CONNECTION_METHOD_SHIFT)
#define CONNECTION_INACTIVE (1u << 11)
#define CONNECTION_NO_OUTPUT (1u << 12) /* no packet of the server was seen (IP_VS_CONN_F_NOOUTPUT) */
#define CONNECTION_TEMPLATE (1u << 13)
#define CONNECTION_ASSURED (1u << 14) /* of templates */
#define CONNECTION_SYNCHRONISED (1u << 15) /* came from another director */
#define CONNECTION_DYING (1u << 16) /* is being removed: counts as absent */
#define CONNECTION_REPLY_TAKEN (1u << 17) /* a newer connection of the same client port to the same server has its replies */

enum template_link {
	LINK_NONE,
	LINK_PORT, /* the template has the connection's virtual address and port */
	LINK_ANY_PORT, /* its virtual address and port 0 */
	LINK_MARK, /* its firewall mark */
};

struct connection {
	__u64 expires; /* jiffies64; from then on the entry counts as absent */
	__u64 reported; /* jiffies64 of the end that backups were told last, the low two bits a count of retries; 0: none */
	__u32 timeout; /* jiffies that a packet gives */
	__u32 destination; /* id, NO_ID while it is not known */
	__u32 word;
	__u32 packets; /* of the client, so far */
	__u32 firewall_mark; /* of the packet that opened it */
	__be32 netmask; /* of its template: IPv4; for IPv6 the prefix length, host order */
	__u32 controlled; /* of templates: how many connections hang on it */
	__be16 destination_port;
	__u8 link; /* enum template_link: how its template is found */
	__u8 reported_state; /* the state that backups were told last */
	/* how replies reach the client, where client_generation is that of the settings */
	__u32 client_generation; /* 0: unknown */
	__u16 client_ifindex; /* only those below 65536 are remembered */
	__u8 client_mac[6];
};

/* replies4, replies6: HASH. The key is a flow with the server's address and port for the virtual ones; both entries of a
 * masqueraded connection exist, or neither. */
struct reply4 {
	__be32 virtual;
	__be16 virtual_port;
	__u16 orphan; /* 1: the last sweep of replies found no connection for it */
};

struct reply6 {
	struct address virtual;
	__be16 virtual_port;
	__u16 orphan;
};

/* ---- reply_hints: PERCPU_ARRAY by a hash of a server's address and port, for the data plane alone ---- */

#define REPLY_HINTS 4096

/* From which address and port the server's last reply went out: most likely those of its next one, whose reply entry need not be looked up. */
struct reply_hint {
	struct address virtual;
	__be16 virtual_port; /* 0: none */
	__u16 zero;
};

/* ---- fragments: LRU_HASH, ports by what later fragments carry ---- */

struct fragment_key {
	struct address source;
	struct address destination;
	__u32 identification;
	__u8 protocol;
	__u8 family;
	__u16 zero;
};

struct fragment {
	__be16 source_port;
	__be16 destination_port;
};

/* ---- icmp_budget: PERCPU_ARRAY of one, what is left of the ICMP errors of a second ---- */

#define ICMP_A_SECOND 1000 /* on each CPU; as net.ipv4.icmp_msgs_per_sec has it for the host */

struct icmp_budget {
	__u64 second; /* jiffies64 of its beginning */
	__u32 sent;
	__u32 zero;
};

/* ---- mark_rules: ARRAY; the first that fits gives a packet without a mark its mark ---- */

struct mark_rule {
	__u8 family;
	__u8 protocol; /* 0: any */
	__u8 prefix_length; /* of `address`, against the packet's destination */
	__u8 zero;
	__u16 first_port; /* destination ports, host order, both included */
	__u16 last_port;
	__u32 mark;
	struct address address;
};

/* ---- address_filter: ARRAY of one, a byte for each hash of an address, see filter_slot() ---- */

#define FILTER_SLOTS 65536
#define FILTER_VIRTUAL 1 /* some service is on an address with this hash */
#define FILTER_SERVER 2 /* some masqueraded destination is */

struct address_filter {
	__u8 slot[FILTER_SLOTS];
};

/* The slot of an address: both sides compute it. Words as they lie in memory. */
#define FILTER_MULTIPLIER 0x61c88647u
#define FILTER_SHIFT 16

/* ---- balance_cache: HASH, lblc and lblcr ---- */

#define CACHE_MEMBERS 32

struct cache_key {
	__u32 service; /* id */
	struct address address; /* destination address of the packet */
};

struct cache_entry {
	__u64 last_use; /* jiffies64 */
	__u64 last_modified; /* jiffies64, lblcr */
	__u32 count; /* members; 1 for lblc */
	__u32 zero;
	__u32 member[CACHE_MEMBERS]; /* ids, the newest first */
};

/* ---- totals: PERCPU_ARRAY by enum total ---- */

enum total {
	TOTAL_PACKETS, /* of services and their replies */
	TOTAL_CONNECTIONS_ADDED, /* entries of the connection table, templates included */
	TOTAL_CONNECTIONS_REMOVED,
	TOTAL_TABLE_FULL, /* packets dropped because the table was full */
	TOTAL_NO_DESTINATION, /* nobody could take the connection */
	TOTAL_DESTINATION_GONE, /* packets of connections whose destination was deleted */
	TOTAL_NO_NEXT_HOP, /* no route or neighbour */
	TOTAL_TTL_EXCEEDED,
	TOTAL_TOO_BIG,
	TOTAL_FRAGMENT_UNKNOWN, /* later fragments without their first */
	TOTAL_DROP_PACKET, /* the defence drop_packet */
	TOTAL_DROP_ENTRY, /* entries removed by the defence drop_entry, or as half-open while the table was almost full */
	TOTAL_ICMP_SENT,
	TOTAL_MALFORMED,
	TOTAL_PUNTED, /* XDP left to tc */
	TOTAL_REWRITE_FAILED, /* a helper refused to change the packet */
	TOTAL_SYNC_LOST, /* what backups were to be told and sync_events had no room for */
	TOTALS,
};

/* ---- synchronisation: sync_events, a RINGBUF of struct sync_event that the director reads; vipr_sync_put, a program that it runs ---- */

/* A connection or template whose state backups have to be told, as it was at that moment. */
struct sync_event {
	struct flow6 flow;
	__u32 family; /* AF_INET: the first words of the flow's addresses */
	__u32 zero;
	struct connection connection;
};

enum sync_result {
	SYNC_ADDED,
	SYNC_UPDATED,
	SYNC_MOVED, /* its entry led to another destination, and was replaced */
	SYNC_KEPT, /* it is inactive, and its entry leads to another destination; or packets were faster: nothing was changed */
	SYNC_FULL, /* the table takes no more */
	SYNC_GONE, /* the destination's slot is free */
};

/* Context of vipr_sync_put: what another director told. Of the connection: timeout, destination, word, packets, firewall_mark,
 * destination_port; the rest is set by the program. */
struct sync_put {
	struct flow6 flow;
	__u32 family;
	__u32 result; /* out: enum sync_result */
	struct connection connection;
};

/* ---- vipr_clock, a program that the director runs ---- */

struct clock {
	__u64 jiffies; /* jiffies64 */
	__u64 nanoseconds; /* CLOCK_MONOTONIC of the same moment */
};

#endif
