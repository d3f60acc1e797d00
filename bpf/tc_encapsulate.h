/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Tunnels in tc. */
#ifndef VIPR_TC_ENCAPSULATE_H
#define VIPR_TC_ENCAPSULATE_H

#include "ip.h"
#include "packet_sum.h"
#include "tunnel.h"

/* Whether the packet's transport checksum is, or will be, one that sum_by_checksum() can take. */
static __always_inline int is_sum_known(struct __sk_buff *context, const struct packet *packet)
{
	__u32 plain = packet->family == AF_INET ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
	__u32 header = packet->l4_offset - packet->l3_offset;
	__be16 udp[4];

	if (packet->flags & (PACKET_EMBEDDED | PACKET_FIRST_FRAGMENT | PACKET_LATER_FRAGMENT))
		return 0;
	/* The extension headers of IPv6 count as well. */
	if (packet->family == AF_INET6 && header != plain)
		return 0;
	if (packet->protocol == IPPROTO_TCP)
		return 1;
	if (packet->protocol != IPPROTO_UDP || bpf_skb_load_bytes(context, packet->l4_offset, udp, sizeof(udp)))
		return 0;
	return udp[3] && bpf_ntohs(udp[2]) == packet->length - header;
}

/*
 * Sums the packet up as it stands, where its tunnel wants to know. Segments that the kernel is yet to cut have different sums, so there
 * is none.
 */
__noinline int tc_sum(struct __sk_buff *context, const struct packet *packet, struct tunnel_payload *payload)
{
	__u16 head[4];
	int sum;

	if (!packet || !payload || context->gso_size)
		return 0;
	if (is_sum_known(context, packet)) {
		if (bpf_skb_load_bytes(context, packet->l3_offset, head, sizeof(head)))
			return 0;
		payload->sum = sum_by_checksum(packet, (__u64)head[0] + head[1] + head[2] + head[3]);
	} else {
		sum = sum_packet(context, packet->l3_offset, packet->length);
		if (sum < 0)
			return 0;
		payload->sum = sum;
	}
	payload->summed = 1;
	return 0;
}

static __always_inline __u64 room_flags(const struct destination *destination)
{
	/* gso_size stays: what each segment grows by was counted when it was held against the MTU. */
	__u64 flags = BPF_F_ADJ_ROOM_FIXED_GSO;

	flags |= destination->family == AF_INET ? BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 : BPF_F_ADJ_ROOM_ENCAP_L3_IPV6;
	if (destination->tunnel_type == TUNNEL_GUE)
		flags |= BPF_F_ADJ_ROOM_ENCAP_L4_UDP;
	if (destination->tunnel_type == TUNNEL_GRE)
		flags |= BPF_F_ADJ_ROOM_ENCAP_L4_GRE;
	return flags;
}

/* 0, or -1 where the packet is spoilt. */
__noinline int tc_encapsulate(struct __sk_buff *context, const struct packet *packet, const struct destination *destination,
			      const struct tunnel_payload *payload, const struct address *source)
{
	struct tunnel_header header;
	__u32 ip_length, part_length;

	if (!packet || !destination || !payload || !source)
		return -1;
	build_tunnel_header(&header, destination, packet, payload, source);
	ip_length = header.ip_length == sizeof(struct ipv6hdr) ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
	part_length = header.part_length;
	if (bpf_skb_adjust_room(context, ip_length + part_length, BPF_ADJ_ROOM_MAC, room_flags(destination)))
		return -1;
	if (bpf_skb_store_bytes(context, 2 * ETH_ALEN, &header.ether_type, sizeof(header.ether_type), 0))
		return -1;
	if (bpf_skb_store_bytes(context, ETH_HLEN, header.ip, ip_length, BPF_F_RECOMPUTE_CSUM))
		return -1;
	REQUIRE_PART(part_length);
	return bpf_skb_store_bytes(context, ETH_HLEN + ip_length, header.part, part_length, BPF_F_RECOMPUTE_CSUM);
}

#endif
