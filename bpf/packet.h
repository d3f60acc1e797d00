/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * What a packet is to the part that decides, and what that part answers. Where packets come from (XDP, tc) and how they are
 * changed is the business of others: the decision reads nothing but this.
 */
#ifndef VIPR_PACKET_H
#define VIPR_PACKET_H

#include "abi.h"

#define AF_INET 2
#define AF_INET6 10

/* packet.flags */
#define PACKET_SYN (1u << 0)
#define PACKET_ACK (1u << 1)
#define PACKET_FIN (1u << 2)
#define PACKET_RST (1u << 3)
#define PACKET_LATER_FRAGMENT (1u << 4) /* not the first: ports came from the table of fragments */
#define PACKET_FIRST_FRAGMENT (1u << 5)
#define PACKET_EMBEDDED (1u << 6) /* the packet inside an ICMP error, its addresses and ports exchanged: see icmp.h */
#define PACKET_DONT_FRAGMENT (1u << 7)
#define PACKET_EGRESS (1u << 8) /* leaves this host, which made it */
#define PACKET_FAST (1u << 9) /* met in XDP: what cannot be decided twice is left to tc, see ACTION_PUNT */

struct packet {
	struct address source;
	struct address destination;
	__be16 source_port;
	__be16 destination_port;
	__u8 family; /* AF_INET, AF_INET6 */
	__u8 protocol; /* IPPROTO_TCP, UDP, SCTP */
	__u8 chunk; /* SCTP: type of the first chunk; ABORT where a COOKIE-ECHO or -ACK is followed by one */
	__u8 ttl; /* or hop limit */
	__u8 tos; /* or traffic class */
	__u8 zero;
	__u16 l3_offset; /* bytes from the start of the frame */
	__u16 l4_offset;
	__u16 zero2;
	__u32 length; /* IP length: header and payload; for GSO that of the whole packet */
	__u32 mark; /* the packet's, or that of the rules */
	__u32 flags; /* PACKET_*; by eights, so that the verifier follows what is known of it */
	__u32 ifindex; /* where it came in */
};

enum verdict_action {
	ACTION_PASS, /* none of our business: untouched */
	ACTION_DROP,
	ACTION_REJECT, /* nobody takes it: port unreachable to the client */
	ACTION_FORWARD, /* by `method` to `destination`, or, for a reply, to the client */
	ACTION_LOCAL, /* to this host: masquerading rewrites, the others leave it as it is */
	ACTION_PUNT, /* only for PACKET_FAST: tc is to decide */
	ACTION_NEW, /* within decide() only: it may open a connection */
};

enum direction {
	DIRECTION_REQUEST,
	DIRECTION_REPLY,
};

struct verdict {
	__u8 action; /* enum verdict_action */
	__u8 direction; /* enum direction */
	__u8 method; /* enum forwarding_method */
	__u8 rewrite; /* 1: masquerade: destination of a request, source of a reply, becomes `address` and `port` */
	__be16 port;
	__u16 zero;
	__u32 destination; /* id */
	struct address address;
	struct connection *connection; /* null for one-packet services */
};

#endif
