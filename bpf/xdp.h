/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The fast path. What it cannot finish it leaves to tc, unchanged and not yet counted: until account() nothing has happened but
 * that a connection may have begun, which tc finds then.
 */
#ifndef VIPR_XDP_H
#define VIPR_XDP_H

#include "account.h"
#include "decide.h"
#include "xdp_encapsulate.h"
#include "xdp_rewrite.h"

static __always_inline int xdp_leave_to_tc(void)
{
	count_total(TOTAL_PUNTED);
	return XDP_PASS;
}

/* Whether XDP can send a packet that grew to `length` bytes of IP that way. */
static __always_inline int xdp_can_send(struct xdp_md *context, const struct hop *hop, __u32 length)
{
	struct interface *interface;

	if (hop->kind != HOP_RESOLVED || (hop->mtu && length > hop->mtu))
		return 0;
	if (hop->ifindex == context->ingress_ifindex)
		return 1;
	interface = get_interface(hop->ifindex);
	return interface && (interface->flags & INTERFACE_XDP_TARGET);
}

/* What is left to do once nothing can be in the way any more. */
static __always_inline int xdp_finish(struct xdp_md *context, const struct packet *packet, const struct verdict *verdict,
				      const struct hop *hop)
{
	struct change change;

	account(packet, verdict);
	if (verdict->rewrite && !xdp_rewrite_usual(context, packet, verdict))
		return xdp_send(context, hop);
	xdp_decrement_ttl(context, packet);
	if (verdict->rewrite) {
		describe_change(packet, verdict, &change);
		if (xdp_rewrite(context, packet, &change)) {
			count_total(TOTAL_REWRITE_FAILED);
			return XDP_DROP;
		}
	}
	return xdp_send(context, hop);
}

static __always_inline int xdp_tunnel(struct xdp_md *context, const struct packet *packet, const struct verdict *verdict,
				      const struct hop *hop)
{
	struct destination *destination = get_destination(verdict->destination);
	struct tunnel_payload payload = { .ttl = packet->ttl - 1 };
	struct settings *settings;

	if (!destination || !hop->has_source ||
	    !xdp_can_send(context, hop, packet->length + tunnel_overhead(destination)))
		return xdp_leave_to_tc();
	if (has_tunnel_checksum(destination) && !xdp_sum(context, packet, &payload))
		return xdp_leave_to_tc();
	settings = get_settings();
	if (settings && (settings->flags & SETTING_PMTU_DISC))
		payload.dont_fragment = packet->flags & PACKET_DONT_FRAGMENT ? 1 : 0;
	account(packet, verdict);
	xdp_decrement_ttl(context, packet);
	if (xdp_encapsulate(context, packet, destination, &payload, &hop->source)) {
		count_total(TOTAL_REWRITE_FAILED);
		return XDP_DROP;
	}
	return xdp_send(context, hop);
}

static __noinline int xdp_request(struct xdp_md *context, const struct packet *packet, const struct verdict *verdict)
{
	struct hop hop = {};

	if (!known_hop(verdict->destination, &hop))
		return xdp_leave_to_tc();
	if (verdict->method == METHOD_TUNNEL)
		return xdp_tunnel(context, packet, verdict, &hop);
	if (!xdp_can_send(context, &hop, packet->length))
		return xdp_leave_to_tc();
	return xdp_finish(context, packet, verdict, &hop);
}

static __noinline int xdp_reply(struct xdp_md *context, const struct packet *packet, const struct verdict *verdict)
{
	struct hop hop = {};

	/* The host's own stack takes it on, and tc counts it. */
	if (!verdict->rewrite)
		return XDP_PASS;
	hop.source = verdict->address;
	find_reply_hop(context, packet, verdict->connection, &hop);
	if (!xdp_can_send(context, &hop, packet->length))
		return xdp_leave_to_tc();
	return xdp_finish(context, packet, verdict, &hop);
}

static __always_inline int serve_xdp(struct xdp_md *context)
{
	struct settings *settings = get_settings();
	struct packet packet = {};
	struct verdict verdict;

	if (!settings || !xdp_parse(context, settings, &packet))
		return XDP_PASS;
	decide(&packet, &verdict);
	switch (verdict.action) {
	case ACTION_PASS:
		return XDP_PASS;
	case ACTION_DROP:
		return XDP_DROP;
	case ACTION_FORWARD:
		if (verdict.direction == DIRECTION_REPLY)
			return xdp_reply(context, &packet, &verdict);
		return xdp_request(context, &packet, &verdict);
	default:
		return xdp_leave_to_tc();
	}
}

#endif
