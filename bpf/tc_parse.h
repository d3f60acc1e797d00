/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* The reading of a packet in tc, where all kinds are met, and where some of their bytes may lie in pages apart: helpers fetch them. */
#ifndef VIPR_TC_PARSE_H
#define VIPR_TC_PARSE_H

#include "concern.h"
#include "fragment.h"
#include "mark.h"
#include "quote.h"

#define PACKET_HOST 0 /* linux/if_packet.h: sent to this host */

/* Bytes behind the Ethernet header. */
static __always_inline __u32 tc_room(struct __sk_buff *context)
{
	return context->len - ETH_HLEN;
}

/* What comes behind the IP header, and the mark. 0 where the packet is too short, or of no protocol of ours. */
static __noinline int tc_read_transport(struct __sk_buff *context, const struct settings *settings, struct packet *packet)
{
	__u32 length = transport_length(packet->protocol);
	__u8 header[TRANSPORT_LENGTH] = {};
	__u32 chunk;
	__u8 type;

	if (!length || packet->length < packet->l4_offset - ETH_HLEN + length)
		return 0;
	if (bpf_skb_load_bytes(context, packet->l4_offset, header, length))
		return 0;
	read_transport(packet, header);
	chunk = second_chunk(packet, header);
	if (chunk && !bpf_skb_load_bytes(context, packet->l4_offset + chunk, &type, 1) && type == CHUNK_ABORT)
		packet->chunk = CHUNK_ABORT;
	return 1;
}

static __always_inline int tc_read_payload(struct __sk_buff *context, const struct settings *settings,
					   struct packet *packet, __u8 fragment, __u32 identification)
{
	if (fragment == FRAGMENT_LATER) {
		packet->flags |= PACKET_LATER_FRAGMENT;
		if (!recall_fragment(packet, identification))
			return 0;
	} else if (!tc_read_transport(context, settings, packet)) {
		return 0;
	}
	if (fragment == FRAGMENT_FIRST) {
		packet->flags |= PACKET_FIRST_FRAGMENT;
		remember_fragment(packet, identification);
	}
	packet->mark = context->mark;
	if (!packet->mark && settings->mark_rules)
		packet->mark = mark_by_rules(packet, settings->mark_rules);
	return 1;
}

static __always_inline int tc_parse_ipv4(struct __sk_buff *context, const struct settings *settings, struct packet *packet,
					 struct quote *quote)
{
	__u8 fragment = FRAGMENT_NONE;
	struct iphdr ip;

	if (bpf_skb_load_bytes(context, ETH_HLEN, &ip, sizeof(ip)) || ip.version != 4 || ip.ihl < 5)
		return 0;
	packet->family = AF_INET;
	packet->source.word[0] = ip.saddr;
	packet->destination.word[0] = ip.daddr;
	packet->protocol = ip.protocol;
	packet->ttl = ip.ttl;
	packet->tos = ip.tos;
	packet->l4_offset = ETH_HLEN + ip.ihl * 4;
	/* 0 where the kernel put together more than the field holds. */
	packet->length = ip.tot_len ? bpf_ntohs(ip.tot_len) : tc_room(context);
	if (ip.frag_off & IPV4_DONT_FRAGMENT)
		packet->flags |= PACKET_DONT_FRAGMENT;
	if (ip.frag_off & IPV4_OFFSET)
		fragment = FRAGMENT_LATER;
	else if (ip.frag_off & IPV4_MORE_FRAGMENTS)
		fragment = FRAGMENT_FIRST;
	if (packet->length > tc_room(context) || packet->length < ip.ihl * 4)
		return 0;
	if (packet->protocol == IPPROTO_ICMP)
		return fragment == FRAGMENT_NONE && read_quote(context, settings, packet, quote);
	if (!may_concern(settings, packet))
		return 0;
	return tc_read_payload(context, settings, packet, fragment, ip.id);
}

static __always_inline int tc_parse_ipv6(struct __sk_buff *context, const struct settings *settings, struct packet *packet,
					 struct quote *quote)
{
	struct ipv6_headers headers = {};
	struct ipv6hdr ip;

	if (bpf_skb_load_bytes(context, ETH_HLEN, &ip, sizeof(ip)) || ip.version != 6)
		return 0;
	packet->family = AF_INET6;
	__builtin_memcpy(&packet->source, &ip.saddr, sizeof(packet->source));
	__builtin_memcpy(&packet->destination, &ip.daddr, sizeof(packet->destination));
	headers.protocol = ip.nexthdr;
	headers.offset = ETH_HLEN + sizeof(ip);
	packet->ttl = ip.hop_limit;
	packet->tos = bpf_ntohl(*(__be32 *)&ip) >> 20;
	packet->length = ip.payload_len ? bpf_ntohs(ip.payload_len) + sizeof(ip) : tc_room(context);
	/* No router fragments IPv6. */
	packet->flags |= PACKET_DONT_FRAGMENT;
	if (packet->length > tc_room(context))
		return 0;
	if (ip.nexthdr != IPV6_ICMP && !is_extension(ip.nexthdr) && !may_concern(settings, packet))
		return 0;
	if (is_extension(ip.nexthdr) && skip_ipv6_headers(context, &headers))
		return 0;
	packet->protocol = headers.protocol;
	packet->l4_offset = headers.offset;
	if (packet->protocol == IPV6_ICMP)
		return headers.fragment == FRAGMENT_NONE && read_quote(context, settings, packet, quote);
	if (!may_concern(settings, packet))
		return 0;
	return tc_read_payload(context, settings, packet, headers.fragment, headers.identification);
}

/*
 * 1 where the packet may concern a service: then `packet` has it, and `quote` where it is an ICMP error. A tagged frame is left to
 * the VLAN's own interface, where it comes by again without its tag; one that was sent to another host to that one.
 */
__noinline int tc_parse(struct __sk_buff *context, struct packet *packet, struct quote *quote)
{
	struct settings *settings = get_settings();

	if (!packet || !quote)
		return 0;
	if (!settings || context->vlan_present)
		return 0;
	if (!(packet->flags & PACKET_EGRESS) && context->pkt_type != PACKET_HOST)
		return 0;
	packet->l3_offset = ETH_HLEN;
	packet->ifindex = context->ifindex;
	if (context->protocol == bpf_htons(ETH_P_IP))
		return tc_parse_ipv4(context, settings, packet, quote);
	if (context->protocol == bpf_htons(ETH_P_IPV6))
		return tc_parse_ipv6(context, settings, packet, quote);
	return 0;
}

#endif
