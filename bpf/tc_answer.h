/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Sends ICMP errors: back to where the packet came from, or, about a packet of a tunnel, to the client. */
#ifndef VIPR_TC_ANSWER_H
#define VIPR_TC_ANSWER_H

#include "icmp_send.h"
#include "quote.h"
#include "tc_rewrite.h"
#include "tunnel.h"

static __always_inline int exchange_macs(struct __sk_buff *context)
{
	__u8 macs[3 * ETH_ALEN];

	if (bpf_skb_load_bytes(context, 0, macs, 2 * ETH_ALEN))
		return -1;
	__builtin_memcpy(macs + 2 * ETH_ALEN, macs, ETH_ALEN);
	return bpf_skb_store_bytes(context, 0, macs + ETH_ALEN, 2 * ETH_ALEN, 0);
}

/* Whether an error may be sent now. Those by which senders learn an MTU always may, as in the kernel. */
static __always_inline int may_answer(const struct packet *packet, const struct icmp_error *error)
{
	return is_too_big(packet->family, error->type, error->code) || is_within_budget();
}

/* Sends ANSWER() in place of the packet; an error about an error, or about what this host sends, there is none. */
__noinline int tc_answer(struct __sk_buff *context, const struct packet *packet, int answer)
{
	struct icmp_error error = {};

	if (!packet || (packet->flags & (PACKET_EMBEDDED | PACKET_EGRESS)))
		return TC_ACT_SHOT;
	describe_error(packet->family, answer & 0xff, (answer >> 8) & 0xffff, &error);
	if (!may_answer(packet, &error) || make_icmp(context, packet, &error) || exchange_macs(context))
		return TC_ACT_SHOT;
	count_total(TOTAL_ICMP_SENT);
	return bpf_redirect(context->ifindex, 0);
}

/* What an error about a tunnel says to the client: `error`, as it is found, is made into it. 0 where it says nothing. */
static __always_inline int retell_error(const struct packet *packet, __u8 family, const struct destination *destination,
					struct icmp_error *error)
{
	__u32 overhead = tunnel_overhead(destination);
	__u32 mtu;

	if (is_too_big(family, error->type, error->code)) {
		/* A sender that lets routers fragment has no use for the MTU. */
		if (packet->family == AF_INET && !(packet->flags & PACKET_DONT_FRAGMENT))
			return 0;
		mtu = bpf_ntohl(error->detail);
		if (family == AF_INET)
			mtu &= 0xffff;
		if (mtu <= overhead)
			return 0;
		describe_error(packet->family, ICMP_KIND_TOO_BIG, mtu - overhead, error);
	} else if (family == packet->family) {
		return 1;
	} else if (error->type == (family == AF_INET ? ICMP_UNREACHABLE : ICMPV6_UNREACHABLE)) {
		describe_error(packet->family, ICMP_KIND_HOST_UNREACHABLE, 0, error);
	} else if (error->type == (family == AF_INET ? ICMP_TIME_EXCEEDED : ICMPV6_TIME_EXCEEDED)) {
		describe_error(packet->family, ICMP_KIND_TIME_EXCEEDED, 0, error);
	} else {
		return 0;
	}
	return 1;
}

/* Makes the packet inside the quoted one the packet, as it came from the client; as much of it as there is. */
static __always_inline int bare_inner_packet(struct __sk_buff *context, struct packet *packet, const struct quote *quote)
{
	__be16 ether_type = packet->family == AF_INET ? bpf_htons(ETH_P_IP) : bpf_htons(ETH_P_IPV6);
	__u32 outside = quote->inner_offset - ETH_HLEN;
	struct address client = packet->destination;
	__be16 first;

	if (packet->length <= outside)
		return -1;
	if (bpf_skb_adjust_room(context, -(int)outside, BPF_ADJ_ROOM_MAC, 0))
		return -1;
	if (bpf_skb_store_bytes(context, 2 * ETH_ALEN, &ether_type, sizeof(ether_type), 0))
		return -1;
	if (bpf_skb_load_bytes(context, ETH_HLEN, &first, sizeof(first)))
		return -1;
	packet->tos = packet->family == AF_INET ? bpf_ntohs(first) : bpf_ntohs(first) >> 4;
	packet->destination = packet->source;
	packet->source = client;
	packet->length -= outside;
	packet->l4_offset = ETH_HLEN + (packet->family == AF_INET ? sizeof(struct iphdr) : sizeof(struct ipv6hdr));
	packet->flags &= ~PACKET_EMBEDDED;
	return 0;
}

/* Whether the quoted tunnel is that to the destination: others are the host's own business. */
static __always_inline int is_tunnel_to(struct __sk_buff *context, const struct packet *packet, const struct quote *quote,
					const struct destination *destination)
{
	__u32 ip = packet->l4_offset + ICMP_LENGTH;
	struct address target = {};

	if (destination->family != quote->family || destination->tunnel_type != quote->tunnel_type)
		return 0;
	if (quote->tunnel_type == TUNNEL_GUE && destination->tunnel_port != quote->tunnel_port)
		return 0;
	if (quote->family == AF_INET ? bpf_skb_load_bytes(context, ip + IPV4_DESTINATION, &target, 4) :
				       bpf_skb_load_bytes(context, ip + IPV6_DESTINATION, &target, 16))
		return 0;
	return same_address(&destination->address, &target);
}

/*
 * An error about a packet that this host put into a tunnel to the destination: the client, to which `hop` leads, hears of it what
 * concerns it (ip_vs_core.c, ip_vs_in_icmp). Consumed in any case.
 */
__noinline int tc_answer_tunnel(struct __sk_buff *context, struct packet *packet, const struct quote *quote,
				const struct destination *destination, const struct hop *hop)
{
	struct icmp_error error;

	if (!packet || !quote || !destination || !hop)
		return TC_ACT_SHOT;
	if (!is_tunnel_to(context, packet, quote, destination))
		return TC_ACT_UNSPEC;
	if (bpf_skb_load_bytes(context, packet->l4_offset, &error, sizeof(error)))
		return TC_ACT_SHOT;
	if (!retell_error(packet, quote->family, destination, &error) || !may_answer(packet, &error))
		return TC_ACT_SHOT;
	/* The kernel looks for neighbours by the family that the packet had. */
	if (hop->kind == HOP_NONE || (hop->kind == HOP_NEIGHBOUR && packet->family != quote->family)) {
		count_total(TOTAL_NO_NEXT_HOP);
		return TC_ACT_SHOT;
	}
	if (bare_inner_packet(context, packet, quote) || make_icmp(context, packet, &error))
		return TC_ACT_SHOT;
	count_total(TOTAL_ICMP_SENT);
	return tc_send(context, hop);
}

#endif
