/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Where a packet leaves. The director keeps that of each destination, a connection remembers that of its client; otherwise the
 * kernel's tables are asked. The host has to forward (ip_forward) for that, as for everything that replies take.
 */
#ifndef VIPR_NEXT_HOP_H
#define VIPR_NEXT_HOP_H

#include "destination.h"
#include "interface.h"
#include "packet.h"
#include "setting.h"

enum hop_kind {
	HOP_NONE,
	HOP_RESOLVED, /* both MAC addresses are known */
	HOP_NEIGHBOUR, /* the kernel has yet to find the MAC address of `gateway`: only tc can have it do so */
};

struct hop {
	__u8 kind; /* enum hop_kind */
	__u8 has_source;
	__u8 gateway_family;
	__u8 zero;
	__u32 ifindex;
	__u32 mtu; /* 0: unknown */
	struct address source; /* of a tunnel to there; what route rules see as the source */
	union {
		struct address gateway;
		struct {
			__u8 destination_mac[6]; /* both as they stand in the frame */
			__u8 source_mac[6];
		};
	};
};

/* linux/bpf.h of 6.7 and later; older kernels refuse it. */
#define FIB_LOOKUP_SOURCE (1u << 4)

#define WITH_SOURCE 0x100 /* together with the family of the target */

/*
 * Asks the FIB how `target` is reached by what came in at packet.ifindex from hop.source; with WITH_SOURCE also from which address
 * this host would send there, which kernels before 6.7 do not tell: the hop is none then.
 */
static __noinline void look_up_route(void *context, struct hop *hop, const struct packet *packet,
				     const struct address *target, __u32 family_and_source)
{
	struct bpf_fib_lookup fib = {};
	struct interface *interface;
	int with_source = family_and_source & WITH_SOURCE;
	__u8 family = family_and_source & 0xff;
	long result;

	fib.family = family;
	fib.ifindex = packet->ifindex;
	/* Not 0, so that the MTU of the route is told; small, so that it never is too much: the caller compares. */
	fib.tot_len = 1;
	if (family == AF_INET) {
		fib.tos = packet->tos;
		fib.ipv4_src = hop->source.word[0];
		fib.ipv4_dst = target->word[0];
	} else {
		__builtin_memcpy(fib.ipv6_src, &hop->source, sizeof(hop->source));
		__builtin_memcpy(fib.ipv6_dst, target, sizeof(*target));
	}
	result = bpf_fib_lookup(context, &fib, sizeof(fib), with_source ? FIB_LOOKUP_SOURCE : 0);
	hop->kind = HOP_NONE;
	if (result != BPF_FIB_LKUP_RET_SUCCESS && result != BPF_FIB_LKUP_RET_NO_NEIGH)
		return;
	hop->ifindex = fib.ifindex;
	if (with_source)
		hop->has_source = 1;
	if (with_source && family == AF_INET)
		hop->source.word[0] = fib.ipv4_src;
	else if (with_source)
		__builtin_memcpy(&hop->source, fib.ipv6_src, sizeof(hop->source));
	if (result == BPF_FIB_LKUP_RET_SUCCESS) {
		hop->kind = HOP_RESOLVED;
		hop->mtu = fib.mtu_result;
		__builtin_memcpy(hop->destination_mac, fib.dmac, 6);
		__builtin_memcpy(hop->source_mac, fib.smac, 6);
		return;
	}
	hop->kind = HOP_NEIGHBOUR;
	hop->gateway_family = fib.family;
	if (fib.family == AF_INET)
		hop->gateway.word[0] = fib.ipv4_dst;
	else
		__builtin_memcpy(&hop->gateway, fib.ipv6_dst, sizeof(hop->gateway));
	interface = get_interface(fib.ifindex);
	hop->mtu = interface ? interface->mtu : 0;
}

/* What the director knows of the way to a destination. `hop` has the source also where there is nothing else. */
static __always_inline int known_hop(__u32 destination, struct hop *hop)
{
	struct next_hop *next = bpf_map_lookup_elem(&next_hops, &destination);

	if (!next)
		return 0;
	if (next->flags & NEXT_HOP_SOURCE)
		hop->source = next->source;
	hop->has_source = next->flags & NEXT_HOP_SOURCE ? 1 : 0;
	if (!(next->flags & NEXT_HOP_RESOLVED))
		return 0;
	hop->kind = HOP_RESOLVED;
	hop->ifindex = next->ifindex;
	hop->mtu = next->mtu;
	__builtin_memcpy(hop->destination_mac, next->destination_mac, 6);
	__builtin_memcpy(hop->source_mac, next->source_mac, 6);
	return 1;
}

/* The client's next hop as the connection remembers it. */
static __always_inline int remembered_hop(const struct settings *settings, const struct connection *connection,
					  struct hop *hop)
{
	struct interface *interface;

	if (!connection || !connection->client_generation)
		return 0;
	if (connection->client_generation != settings->route_generation)
		return 0;
	interface = get_interface(connection->client_ifindex);
	if (!interface)
		return 0;
	hop->kind = HOP_RESOLVED;
	hop->ifindex = connection->client_ifindex;
	hop->mtu = interface->mtu;
	__builtin_memcpy(hop->destination_mac, connection->client_mac, 6);
	__builtin_memcpy(hop->source_mac, interface->mac, 6);
	return 1;
}

/*
 * Remembers it, unless the route has an MTU of its own, for which the connection has no room. While the generation is 0 no other
 * CPU takes what is half written.
 */
static __always_inline void remember_hop(const struct settings *settings, struct connection *connection,
					 const struct hop *hop)
{
	struct interface *interface = get_interface(hop->ifindex);

	if (!connection || hop->kind != HOP_RESOLVED || hop->ifindex > 0xffff)
		return;
	if (!interface || hop->mtu < interface->mtu)
		return;
	connection->client_generation = 0;
	barrier();
	connection->client_ifindex = hop->ifindex;
	__builtin_memcpy(connection->client_mac, hop->destination_mac, 6);
	barrier();
	connection->client_generation = settings->route_generation;
}

/* The way to the client, for what is sent from hop.source, as the connection remembers it or the kernel tells. */
static __always_inline void find_reply_hop(void *context, const struct packet *packet, struct connection *connection,
					   struct hop *hop)
{
	struct settings *settings = get_settings();

	if (!settings || remembered_hop(settings, connection, hop))
		return;
	look_up_route(context, hop, packet, &packet->destination, packet->family);
	remember_hop(settings, connection, hop);
}

#endif
