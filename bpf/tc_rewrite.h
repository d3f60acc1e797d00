/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Changes of a packet in tc. Checksums may be unfinished, or known to the kernel as a sum over the whole packet. The helpers for
 * transport checksums heed both; what is stored is told to that sum (BPF_F_RECOMPUTE_CSUM) where no checksum beside it makes up for
 * the change: an IPv4 header sums up to the same before and after.
 */
#ifndef VIPR_TC_REWRITE_H
#define VIPR_TC_REWRITE_H

#include "change.h"
#include "checksum.h"
#include "crc32c.h"
#include "next_hop.h"

#define IPV4_TTL 8 /* offsets within the header; the protocol lies behind the TTL */
#define IPV4_CHECKSUM 10
#define IPV4_SOURCE 12
#define IPV4_DESTINATION 16
#define IPV6_HOP_LIMIT 7
#define IPV6_SOURCE 8
#define IPV6_DESTINATION 24

static __always_inline void tc_decrement_ttl(struct __sk_buff *context, struct packet *packet)
{
	__u16 before = bpf_htons(packet->ttl << 8);
	__u16 after = bpf_htons((packet->ttl - 1) << 8);

	packet->ttl -= 1;
	if (packet->family == AF_INET) {
		bpf_l3_csum_replace(context, packet->l3_offset + IPV4_CHECKSUM, before, after, 2);
		bpf_skb_store_bytes(context, packet->l3_offset + IPV4_TTL, &packet->ttl, 1, 0);
	} else {
		bpf_skb_store_bytes(context, packet->l3_offset + IPV6_HOP_LIMIT, &packet->ttl, 1, BPF_F_RECOMPUTE_CSUM);
	}
}

static __always_inline int tc_replace_address(struct __sk_buff *context, const struct packet *packet,
					      const struct change *change)
{
	__u32 offset = packet->l3_offset;

	if (packet->family == AF_INET6) {
		offset += change->source ? IPV6_SOURCE : IPV6_DESTINATION;
		return bpf_skb_store_bytes(context, offset, &change->after, 16, BPF_F_RECOMPUTE_CSUM);
	}
	if (bpf_l3_csum_replace(context, offset + IPV4_CHECKSUM, change->before.word[0], change->after.word[0], 4))
		return -1;
	offset += change->source ? IPV4_SOURCE : IPV4_DESTINATION;
	return bpf_skb_store_bytes(context, offset, &change->after, 4, 0);
}

/* The CRC of a packet whose length is not known, as the rest of it comes in other fragments, cannot be corrected. */
static __always_inline int tc_rewrite_sctp(struct __sk_buff *context, const struct packet *packet, const struct change *change)
{
	__u32 offset = packet->l4_offset;
	__u32 header[3];
	__u32 before;

	if (change->port_before == change->port_after)
		return 0;
	if (bpf_skb_load_bytes(context, offset, header, sizeof(header)))
		return -1;
	before = header[0];
	if (change->source)
		*(__be16 *)header = change->port_after;
	else
		*((__be16 *)header + 1) = change->port_after;
	/* 0: the device that sends it computes it. */
	if (header[2]) {
		if (packet->flags & PACKET_FIRST_FRAGMENT)
			return -1;
		header[2] ^= crc32c_difference(before ^ header[0], packet->length + packet->l3_offset - offset);
	}
	return bpf_skb_store_bytes(context, offset, header, sizeof(header), BPF_F_RECOMPUTE_CSUM);
}

static __always_inline int tc_rewrite_transport(struct __sk_buff *context, const struct packet *packet,
						const struct change *change)
{
	__u32 offset = packet->l4_offset + checksum_offset(packet->protocol);
	__u64 flags = packet->protocol == IPPROTO_UDP ? BPF_F_MARK_MANGLED_0 : 0;
	__u32 length = packet->family == AF_INET ? 4 : 16;
	__u64 store = 0;
	__u16 checksum;
	__s64 difference;

	difference = bpf_csum_diff((__be32 *)&change->before, length, (__be32 *)&change->after, length, 0);
	if (bpf_l4_csum_replace(context, offset, 0, difference, flags | BPF_F_PSEUDO_HDR))
		return -1;
	if (change->port_before == change->port_after)
		return 0;
	if (bpf_l4_csum_replace(context, offset, change->port_before, change->port_after, flags | 2))
		return -1;
	if (packet->protocol == IPPROTO_UDP) {
		/* 0: none, and there is none afterwards. */
		if (bpf_skb_load_bytes(context, offset, &checksum, 2))
			return -1;
		store = checksum ? 0 : BPF_F_RECOMPUTE_CSUM;
	}
	return bpf_skb_store_bytes(context, packet->l4_offset + (change->source ? 0 : 2), &change->port_after, 2, store);
}

/* Masquerades: 0, or -1 where the packet is spoilt. Later fragments have but addresses. */
__noinline int tc_rewrite(struct __sk_buff *context, const struct packet *packet, const struct change *change)
{
	if (!packet || !change)
		return -1;
	if (tc_replace_address(context, packet, change))
		return -1;
	if (packet->flags & PACKET_LATER_FRAGMENT)
		return 0;
	if (packet->protocol == IPPROTO_SCTP)
		return tc_rewrite_sctp(context, packet, change);
	return tc_rewrite_transport(context, packet, change);
}

__noinline int tc_send(struct __sk_buff *context, const struct hop *hop)
{
	struct bpf_redir_neigh neighbour = {};

	if (!hop)
		return TC_ACT_SHOT;
	if (hop->kind == HOP_RESOLVED) {
		if (bpf_skb_store_bytes(context, 0, hop->destination_mac, 2 * ETH_ALEN, 0))
			return TC_ACT_SHOT;
		return bpf_redirect(hop->ifindex, 0);
	}
	neighbour.nh_family = hop->gateway_family;
	if (hop->gateway_family == AF_INET)
		neighbour.ipv4_nh = hop->gateway.word[0];
	else
		__builtin_memcpy(neighbour.ipv6_nh, &hop->gateway, sizeof(hop->gateway));
	return bpf_redirect_neigh(hop->ifindex, &neighbour, sizeof(neighbour), 0);
}

#endif
