/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Tunnels in XDP. */
#ifndef VIPR_XDP_ENCAPSULATE_H
#define VIPR_XDP_ENCAPSULATE_H

#include "tunnel.h"
#include "xdp_parse.h"

/* Sums up the packet where that takes no reading. 0 where tc has to: UDP without a checksum, and SCTP, whose is of another kind. */
__noinline int xdp_sum(struct xdp_md *context, const struct packet *packet, struct tunnel_payload *payload)
{
	__u64 head = 0;
	__u16 *words;

	if (!packet || !payload)
		return 0;
	words = xdp_data(context) + ETH_HLEN;
	if (packet->protocol == IPPROTO_UDP) {
		struct udphdr udp;

		if (bpf_xdp_load_bytes(context, packet->l4_offset, &udp, sizeof(udp)))
			return 0;
		if (!udp.check || bpf_ntohs(udp.len) != packet->length + ETH_HLEN - packet->l4_offset)
			return 0;
	} else if (packet->protocol != IPPROTO_TCP) {
		return 0;
	}
	if (packet->family == AF_INET6) {
		if ((void *)(words + 4) > xdp_end(context))
			return 0;
		/* With the hop limit that it will have. */
		head = (__u64)words[0] + words[1] + words[2] + (__u16)(words[3] - bpf_htons(1));
	}
	payload->sum = sum_by_checksum(packet, head);
	payload->summed = 1;
	return 1;
}

/* The usual tunnel, IPv4 in IPv4 without anything between, is written where it belongs. */
static __always_inline int xdp_encapsulate_ipip(struct xdp_md *context, const struct packet *packet,
						const struct destination *destination, const struct tunnel_payload *payload,
						const struct address *source)
{
	struct ethhdr *ethernet;

	if (bpf_xdp_adjust_head(context, -(int)sizeof(struct iphdr)))
		return -1;
	ethernet = xdp_data(context);
	if ((void *)(ethernet + 1) + sizeof(struct iphdr) > xdp_end(context))
		return -1;
	ethernet->h_proto = bpf_htons(ETH_P_IP);
	build_outer_ipv4((struct iphdr *)(ethernet + 1), destination, packet, payload, source, IPPROTO_IPIP, packet->length);
	return 0;
}

/* 0, or what a helper refused with: the packet is spoilt then. */
__noinline int xdp_encapsulate(struct xdp_md *context, const struct packet *packet, const struct destination *destination,
			       const struct tunnel_payload *payload, const struct address *source)
{
	struct tunnel_header header;
	__u32 ip_length, part_length;

	if (!packet || !destination || !payload || !source)
		return -1;
	if (destination->tunnel_type == TUNNEL_IPIP && destination->family == AF_INET && packet->family == AF_INET)
		return xdp_encapsulate_ipip(context, packet, destination, payload, source);
	build_tunnel_header(&header, destination, packet, payload, source);
	ip_length = header.ip_length == sizeof(struct ipv6hdr) ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
	part_length = header.part_length;
	if (bpf_xdp_adjust_head(context, -(int)(ip_length + part_length)))
		return -1;
	if (bpf_xdp_store_bytes(context, 2 * ETH_ALEN, &header.ether_type, sizeof(header.ether_type)))
		return -1;
	if (bpf_xdp_store_bytes(context, ETH_HLEN, header.ip, ip_length))
		return -1;
	REQUIRE_PART(part_length);
	return bpf_xdp_store_bytes(context, ETH_HLEN + ip_length, header.part, part_length);
}

#endif
