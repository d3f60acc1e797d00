/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * ICMP errors: what the packet that they quote says. A quoted packet went the other way, so that its addresses and ports,
 * exchanged, are those of a packet that goes as the error does. An error about a packet that this host put into a tunnel quotes that
 * one's outer header, and inside the client's packet.
 */
#ifndef VIPR_QUOTE_H
#define VIPR_QUOTE_H

#include "concern.h"
#include "ipv6_headers.h"
#include "transport.h"

#define ICMP_LENGTH 8
#define ICMP_UNREACHABLE 3
#define ICMP_SOURCE_QUENCH 4
#define ICMP_TIME_EXCEEDED 11
#define ICMPV6_INFORMATIONAL 128 /* and above: no errors */

/* It lies behind the header of the error, at packet.l4_offset. */
struct quote {
	__u16 l4_offset; /* of what the quoted packet carries, from the start of the frame */
	__u16 inner_offset; /* of the packet inside, where it is that of a tunnel; else 0 */
	__u8 family; /* of the error and the packet that it quotes; for tunnels packet.family may differ */
	__u8 tunnel_type; /* enum tunnel_type */
	__be16 tunnel_port;
};

/* Reads a quoted IP header. Returns the offset of what it carries, whose protocol goes into the packet; 0 where it is of no use. */
static __noinline __u32 read_quoted_ip(struct __sk_buff *context, struct packet *packet, __u32 offset)
{
	union {
		struct iphdr ipv4;
		struct ipv6hdr ipv6;
	} ip;
	struct ipv6_headers headers = {};

	__builtin_memset(&packet->source, 0, sizeof(packet->source));
	__builtin_memset(&packet->destination, 0, sizeof(packet->destination));
	if (packet->family == AF_INET) {
		if (bpf_skb_load_bytes(context, offset, &ip.ipv4, sizeof(ip.ipv4)))
			return 0;
		if (ip.ipv4.version != 4 || ip.ipv4.ihl < 5 || (ip.ipv4.frag_off & IPV4_OFFSET))
			return 0;
		packet->source.word[0] = ip.ipv4.daddr;
		packet->destination.word[0] = ip.ipv4.saddr;
		packet->protocol = ip.ipv4.protocol;
		if (ip.ipv4.frag_off & IPV4_DONT_FRAGMENT)
			packet->flags |= PACKET_DONT_FRAGMENT;
		return offset + ip.ipv4.ihl * 4;
	}
	if (bpf_skb_load_bytes(context, offset, &ip.ipv6, sizeof(ip.ipv6)) || ip.ipv6.version != 6)
		return 0;
	__builtin_memcpy(&packet->source, &ip.ipv6.daddr, sizeof(packet->source));
	__builtin_memcpy(&packet->destination, &ip.ipv6.saddr, sizeof(packet->destination));
	headers.offset = offset + sizeof(ip.ipv6);
	headers.protocol = ip.ipv6.nexthdr;
	if (skip_ipv6_headers(context, &headers) || headers.fragment == FRAGMENT_LATER)
		return 0;
	packet->protocol = headers.protocol;
	return headers.offset;
}

/* A quoted packet of TCP, UDP or SCTP, of whose header eight bytes are enough. 0 where it concerns nobody. */
static __always_inline int read_quoted_flow(struct __sk_buff *context, const struct settings *settings,
					    struct packet *packet, __u32 offset)
{
	__be16 ports[4];

	offset = read_quoted_ip(context, packet, offset);
	if (!offset)
		return 0;
	if (!transport_length(packet->protocol))
		return 0;
	if (bpf_skb_load_bytes(context, offset, ports, sizeof(ports)))
		return 0;
	packet->source_port = ports[1];
	packet->destination_port = ports[0];
	return may_concern(settings, packet) ? 1 : 0;
}

/* The packet in a quoted tunnel header: its offset, or 0; its family goes into the packet. */
static __noinline __u32 find_tunnelled(struct __sk_buff *context, struct packet *packet, struct quote *quote)
{
	__u32 offset = quote->l4_offset;
	__be16 part[6];

	switch (packet->protocol) {
	case IPPROTO_IPIP:
	case IPPROTO_IPV6:
		quote->tunnel_type = TUNNEL_IPIP;
		packet->family = packet->protocol == IPPROTO_IPIP ? AF_INET : AF_INET6;
		return offset;
	case IPPROTO_GRE:
		if (bpf_skb_load_bytes(context, offset, part, 4) || (part[0] & bpf_htons(0x7fff)))
			return 0;
		if (part[1] != bpf_htons(ETH_P_IP) && part[1] != bpf_htons(ETH_P_IPV6))
			return 0;
		quote->tunnel_type = TUNNEL_GRE;
		packet->family = part[1] == bpf_htons(ETH_P_IP) ? AF_INET : AF_INET6;
		return offset + (part[0] ? 8 : 4);
	case IPPROTO_UDP:
		if (bpf_skb_load_bytes(context, offset, part, sizeof(part)) || part[5])
			return 0;
		if (part[4] != bpf_htons(IPPROTO_IPIP) && part[4] != bpf_htons(IPPROTO_IPV6))
			return 0;
		quote->tunnel_type = TUNNEL_GUE;
		quote->tunnel_port = part[1];
		packet->family = part[4] == bpf_htons(IPPROTO_IPIP) ? AF_INET : AF_INET6;
		return offset + sizeof(part);
	default:
		return 0;
	}
}

static __always_inline int is_icmp_error(__u8 family, __u8 type)
{
	if (family == AF_INET6)
		return type < ICMPV6_INFORMATIONAL;
	return type == ICMP_UNREACHABLE || type == ICMP_SOURCE_QUENCH || type == ICMP_TIME_EXCEEDED;
}

/*
 * Makes an ICMP error at packet.l4_offset the packet that it quotes, with PACKET_EMBEDDED; IP's length, TTL and the offsets stay
 * those of the error. 0 where it is no error, or about nothing of ours.
 */
static __noinline int read_quote(struct __sk_buff *context, const struct settings *settings, struct packet *packet,
				 struct quote *quote)
{
	__u8 icmp[ICMP_LENGTH];
	__u32 offset, inner;

	if (bpf_skb_load_bytes(context, packet->l4_offset, icmp, sizeof(icmp)) || !is_icmp_error(packet->family, icmp[0]))
		return 0;
	quote->family = packet->family;
	packet->flags = (packet->flags & PACKET_EGRESS) | PACKET_EMBEDDED;
	offset = read_quoted_ip(context, packet, packet->l4_offset + ICMP_LENGTH);
	if (!offset)
		return 0;
	quote->l4_offset = offset;
	inner = find_tunnelled(context, packet, quote);
	if (inner) {
		packet->flags &= ~PACKET_DONT_FRAGMENT;
		if (read_quoted_flow(context, settings, packet, inner)) {
			quote->inner_offset = inner;
			return 1;
		}
		/* Other UDP may look like GUE. */
		packet->flags &= ~PACKET_DONT_FRAGMENT;
		packet->family = quote->family;
	}
	return read_quoted_flow(context, settings, packet, packet->l4_offset + ICMP_LENGTH);
}

#endif
