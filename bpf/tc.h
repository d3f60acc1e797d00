/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * What tc does: everything. Functions that are not static the verifier looks at once and for all, whatever their callers know; the
 * others each time that they are called, as they have pointers from maps for their arguments' fields.
 */
#ifndef VIPR_TC_H
#define VIPR_TC_H

#include "account.h"
#include "decide.h"
#include "icmp_translate.h"
#include "tc_answer.h"
#include "tc_encapsulate.h"
#include "tc_parse.h"
#include "tc_plain.h"

/* The smallest MTUs that there may be: below them a tunnel is of no use. */
#define IPV4_LEAST_MTU 68
#define IPV6_LEAST_MTU 1280

/* IP length of the packet, or of the segments that the kernel will cut it into. */
static __always_inline __u32 tc_segment_length(struct __sk_buff *context, const struct packet *packet)
{
	__u32 size = context->gso_size;
	__u32 header = 8;
	__u8 offset;

	if (!size)
		return packet->length;
	/* Segments of their own sizes, as SCTP has them: nobody can say. */
	if (size == 0xffff)
		return 0;
	if (packet->protocol == IPPROTO_TCP) {
		if (bpf_skb_load_bytes(context, packet->l4_offset + 12, &offset, 1))
			return 0;
		header = (offset >> 4) * 4;
	}
	return packet->l4_offset - packet->l3_offset + header + size;
}

/* 0, or -1 where the packet is spoilt. */
__noinline int tc_masquerade(struct __sk_buff *context, const struct packet *packet, const struct quote *quote,
			     const struct verdict *verdict)
{
	struct change change;
	int failed;

	if (!packet || !quote || !verdict)
		return -1;
	describe_change(packet, verdict, &change);
	failed = packet->flags & PACKET_EMBEDDED ? translate_icmp(context, packet, quote, &change) :
						   tc_rewrite(context, packet, &change);
	if (failed)
		count_total(TOTAL_REWRITE_FAILED);
	return failed;
}

/* To this host: the stack takes it on, as it is or with the address and port of the server. */
static __always_inline int tc_local(struct __sk_buff *context, const struct packet *packet, const struct quote *quote,
				    const struct verdict *verdict)
{
	if (verdict->rewrite && tc_masquerade(context, packet, quote, verdict))
		return TC_ACT_SHOT;
	return TC_ACT_UNSPEC;
}

/* The way of a request. The hop has the outer source where it goes into a tunnel; otherwise there is none. */
static __always_inline void find_request_hop(struct __sk_buff *context, const struct packet *packet,
					     const struct verdict *verdict, const struct destination *destination,
					     struct hop *hop)
{
	int tunnel = verdict->method == METHOD_TUNNEL;
	int known = known_hop(verdict->destination, hop);

	if (!tunnel)
		hop->source = packet->source;
	if (!known || (tunnel && !hop->has_source))
		look_up_route(context, hop, packet, &destination->address,
			      destination->family | (tunnel && !hop->has_source ? WITH_SOURCE : 0));
}

/* Whether the packet is not to be fragmented: not what it quotes, of which the flag is. */
static __always_inline int tc_forbids_fragments(struct __sk_buff *context, const struct packet *packet)
{
	__be16 fragment;

	if (!(packet->flags & PACKET_EMBEDDED))
		return packet->flags & PACKET_DONT_FRAGMENT ? 1 : 0;
	if (bpf_skb_load_bytes(context, ETH_HLEN + offsetof(struct iphdr, frag_off), &fragment, sizeof(fragment)))
		return 0;
	return fragment & IPV4_DONT_FRAGMENT ? 1 : 0;
}

static __always_inline int tc_tunnel(struct __sk_buff *context, const struct packet *packet,
				     const struct destination *destination, const struct hop *hop)
{
	struct settings *settings = get_settings();
	struct tunnel_payload payload = { .ttl = packet->ttl };

	if (settings && (settings->flags & SETTING_PMTU_DISC) && packet->family == AF_INET)
		payload.dont_fragment = tc_forbids_fragments(context, packet);
	if (has_tunnel_checksum(destination))
		tc_sum(context, packet, &payload);
	if (tc_encapsulate(context, packet, destination, &payload, &hop->source)) {
		count_total(TOTAL_REWRITE_FAILED);
		return TC_ACT_SHOT;
	}
	return tc_send(context, hop);
}

/*
 * Sends a request to its destination. What is too big and may be fragmented the stack fragments, which can be done where the packet's
 * own header says where it goes; before a tunnel, and to a server by its MAC address, BPF would have to fragment itself, so there
 * the sender is told as if it had forbidden it.
 */
__noinline int tc_request(struct __sk_buff *context, struct packet *packet, const struct verdict *verdict,
			  const struct quote *quote)
{
	struct destination *destination;
	__u32 overhead = 0;
	struct hop hop = {};
	int too_big, result;

	if (!packet || !verdict || !quote)
		return TC_ACT_SHOT;
	destination = get_destination(verdict->destination);
	if (!destination)
		return TC_ACT_SHOT;
	find_request_hop(context, packet, verdict, destination, &hop);
	if (hop.kind == HOP_NONE) {
		count_total(TOTAL_NO_NEXT_HOP);
		return ANSWER(ICMP_KIND_HOST_UNREACHABLE, 0);
	}
	if (packet->ttl <= 1) {
		count_total(TOTAL_TTL_EXCEEDED);
		return ANSWER(ICMP_KIND_TIME_EXCEEDED, 0);
	}
	if (verdict->method == METHOD_TUNNEL)
		overhead = tunnel_overhead(destination);
	too_big = hop.mtu && tc_segment_length(context, packet) + overhead > hop.mtu;
	if (too_big && verdict->rewrite && !(packet->flags & (PACKET_DONT_FRAGMENT | PACKET_EMBEDDED)))
		return tc_local(context, packet, quote, verdict);
	if (!too_big && !overhead) {
		result = tc_send_plain(context, packet, verdict, &hop);
		if (result != NOT_PLAIN)
			return result;
	}
	tc_decrement_ttl(context, packet);
	if (too_big) {
		count_total(TOTAL_TOO_BIG);
		if (hop.mtu < overhead + (packet->family == AF_INET ? IPV4_LEAST_MTU : IPV6_LEAST_MTU))
			return TC_ACT_SHOT;
		return ANSWER(ICMP_KIND_TOO_BIG, hop.mtu - overhead);
	}
	if (verdict->rewrite && tc_masquerade(context, packet, quote, verdict))
		return TC_ACT_SHOT;
	if (overhead)
		return tc_tunnel(context, packet, destination, &hop);
	return tc_send(context, &hop);
}

/*
 * Sends a masqueraded reply to the client. It cannot go through the host's stack, which takes no packets from outside that have one
 * of its own addresses for a source, as that of the VIP is; only where no way is known it may find one.
 */
__noinline int tc_send_reply(struct __sk_buff *context, struct packet *packet, const struct verdict *verdict,
			     const struct quote *quote, const struct hop *hop)
{
	int result;

	if (!packet || !verdict || !quote || !hop)
		return TC_ACT_SHOT;
	if (hop->kind == HOP_NONE) {
		count_total(TOTAL_NO_NEXT_HOP);
		return tc_local(context, packet, quote, verdict);
	}
	if (hop->mtu && tc_segment_length(context, packet) > hop->mtu) {
		count_total(TOTAL_TOO_BIG);
		return ANSWER(ICMP_KIND_TOO_BIG, hop->mtu);
	}
	result = tc_send_plain(context, packet, verdict, hop);
	if (result != NOT_PLAIN)
		return result;
	tc_decrement_ttl(context, packet);
	if (tc_masquerade(context, packet, quote, verdict))
		return TC_ACT_SHOT;
	return tc_send(context, hop);
}

static __noinline int tc_reply(struct __sk_buff *context, struct packet *packet, const struct verdict *verdict,
			       const struct quote *quote)
{
	struct hop hop = {};

	if (!verdict->rewrite)
		return TC_ACT_UNSPEC;
	if (packet->flags & PACKET_EGRESS)
		return tc_local(context, packet, quote, verdict);
	hop.source = verdict->address;
	find_reply_hop(context, packet, verdict->connection, &hop);
	return tc_send_reply(context, packet, verdict, quote, &hop);
}

static __noinline int tc_tunnel_error(struct __sk_buff *context, struct packet *packet, const struct verdict *verdict,
				      const struct quote *quote)
{
	struct destination *destination = get_destination(verdict->destination);
	struct hop hop = {};

	if (!destination || verdict->action != ACTION_FORWARD || verdict->method != METHOD_TUNNEL ||
	    verdict->direction != DIRECTION_REPLY)
		return TC_ACT_UNSPEC;
	/* Exchanged: the VIP. */
	hop.source = packet->source;
	find_reply_hop(context, packet, verdict->connection, &hop);
	return tc_answer_tunnel(context, packet, quote, destination, &hop);
}

static __always_inline int tc_forward(struct __sk_buff *context, struct packet *packet, const struct verdict *verdict,
				      const struct quote *quote)
{
	if (quote->inner_offset)
		return tc_tunnel_error(context, packet, verdict, quote);
	switch (verdict->action) {
	case ACTION_DROP:
		return TC_ACT_SHOT;
	case ACTION_REJECT:
		count_total(TOTAL_NO_DESTINATION);
		return ANSWER(ICMP_KIND_PORT_UNREACHABLE, 0);
	case ACTION_LOCAL:
		account(packet, verdict);
		return tc_local(context, packet, quote, verdict);
	case ACTION_FORWARD:
		/* The stack tells the server, as any router does, before a reply comes to count (net/ipv4/ip_forward.c). */
		if (verdict->direction == DIRECTION_REPLY && packet->ttl <= 1 && !(packet->flags & PACKET_EGRESS)) {
			count_total(TOTAL_TTL_EXCEEDED);
			return TC_ACT_UNSPEC;
		}
		account(packet, verdict);
		if (verdict->direction == DIRECTION_REPLY)
			return tc_reply(context, packet, verdict, quote);
		return tc_request(context, packet, verdict, quote);
	default:
		return TC_ACT_UNSPEC;
	}
}

static __always_inline int serve_tc(struct __sk_buff *context, __u32 origin)
{
	struct packet packet = { .flags = origin };
	struct quote quote = {};
	struct verdict verdict;
	int result;

	/* Also the gaps between its fields: older kernels pass nothing on to a global function of which they have not seen every byte. */
	__builtin_memset(&verdict, 0, sizeof(verdict));
	if (!tc_parse(context, &packet, &quote))
		return TC_ACT_UNSPEC;
	/* Once more, as the verifier has forgotten it: what only requests need it then leaves out for egress. */
	packet.flags |= origin;
	decide(&packet, &verdict);
	result = tc_forward(context, &packet, &verdict, &quote);
	return is_answer(result) ? tc_answer(context, &packet, result) : result;
}

/* What this host itself sends: replies of destinations that are this host. */
static __always_inline int serve_tc_egress(struct __sk_buff *context)
{
	struct settings *settings = get_settings();

	if (!settings || !(settings->flags & SETTING_LOCAL_SERVERS) || context->ingress_ifindex)
		return TC_ACT_UNSPEC;
	return serve_tc(context, PACKET_EGRESS);
}

#endif
