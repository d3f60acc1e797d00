/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* The fast path's reading of a packet: plain headers at fixed places, or it is none of its business. */
#ifndef VIPR_XDP_PARSE_H
#define VIPR_XDP_PARSE_H

#include "concern.h"
#include "interface.h"
#include "ip.h"
#include "mark.h"
#include "total.h"
#include "transport.h"

static __always_inline void *xdp_data(struct xdp_md *context)
{
	return (void *)(long)context->data;
}

static __always_inline void *xdp_end(struct xdp_md *context)
{
	return (void *)(long)context->data_end;
}

/* Whether a frame was sent to the interface itself; an interface that nobody described gets nothing done. */
static __always_inline int is_for_interface(const struct ethhdr *ethernet, __u32 ifindex)
{
	struct interface *interface = get_interface(ifindex);
	const __u16 *sent_to = (const __u16 *)ethernet->h_dest;
	const __u16 *own;

	if (!interface)
		return 0;
	own = (const __u16 *)interface->mac;
	return sent_to[0] == own[0] && sent_to[1] == own[1] && sent_to[2] == own[2];
}

static __always_inline int xdp_read_ipv4(const struct iphdr *ip, struct packet *packet)
{
	packet->family = AF_INET;
	packet->source.word[0] = ip->saddr;
	packet->destination.word[0] = ip->daddr;
	packet->protocol = ip->protocol;
	packet->ttl = ip->ttl;
	packet->tos = ip->tos;
	packet->length = bpf_ntohs(ip->tot_len);
	packet->l4_offset = ETH_HLEN + sizeof(*ip);
	if (ip->frag_off & IPV4_DONT_FRAGMENT)
		packet->flags |= PACKET_DONT_FRAGMENT;
	return *(const __u8 *)ip == 0x45 && !(ip->frag_off & (IPV4_OFFSET | IPV4_MORE_FRAGMENTS));
}

static __always_inline int xdp_read_ipv6(const struct ipv6hdr *ip, struct packet *packet)
{
	__u32 first = bpf_ntohl(*(const __be32 *)ip);

	packet->family = AF_INET6;
	__builtin_memcpy(&packet->source, &ip->saddr, sizeof(packet->source));
	__builtin_memcpy(&packet->destination, &ip->daddr, sizeof(packet->destination));
	packet->protocol = ip->nexthdr;
	packet->ttl = ip->hop_limit;
	packet->tos = first >> 20;
	packet->length = bpf_ntohs(ip->payload_len) + sizeof(*ip);
	packet->l4_offset = ETH_HLEN + sizeof(*ip);
	return first >> 28 == 6;
}

/* The transport header at a place that is known to the compiler. */
static __always_inline int xdp_read_transport(struct xdp_md *context, struct packet *packet, __u32 offset)
{
	void *header = xdp_data(context) + offset;
	void *end = xdp_end(context);
	__u32 chunk;
	__u8 type;

	if (packet->protocol == IPPROTO_TCP) {
		if (header + 20 > end)
			return 0;
		read_transport(packet, header);
	} else if (packet->protocol == IPPROTO_UDP) {
		if (header + 8 > end)
			return 0;
		read_transport(packet, header);
	} else if (packet->protocol == IPPROTO_SCTP) {
		if (header + 16 > end)
			return 0;
		read_transport(packet, header);
		chunk = second_chunk(packet, header);
		if (chunk && !bpf_xdp_load_bytes(context, offset + chunk, &type, 1) && type == CHUNK_ABORT)
			packet->chunk = CHUNK_ABORT;
	} else {
		return 0;
	}
	return packet->length >= offset - ETH_HLEN + transport_length(packet->protocol);
}

/* 1 where the fast path can take the packet on; the others it leaves to tc, or they concern nobody. */
static __always_inline int xdp_parse(struct xdp_md *context, const struct settings *settings, struct packet *packet)
{
	struct ethhdr *ethernet = xdp_data(context);
	void *end = xdp_end(context);
	__u32 room;
	int plain;

	if ((void *)(ethernet + 1) + sizeof(struct iphdr) > end)
		return 0;
	if (ethernet->h_proto == bpf_htons(ETH_P_IP)) {
		plain = xdp_read_ipv4((void *)(ethernet + 1), packet);
	} else if (ethernet->h_proto == bpf_htons(ETH_P_IPV6)) {
		if ((void *)(ethernet + 1) + sizeof(struct ipv6hdr) > end)
			return 0;
		plain = xdp_read_ipv6((void *)(ethernet + 1), packet);
	} else {
		return 0;
	}
	if (!may_concern(settings, packet))
		return 0;
	room = end - (void *)(ethernet + 1);
	if (!plain || packet->ttl <= 1 || packet->length > room || !is_for_interface(ethernet, context->ingress_ifindex))
		goto leave;
	packet->flags |= PACKET_FAST;
	packet->l3_offset = ETH_HLEN;
	packet->ifindex = context->ingress_ifindex;
	if (packet->family == AF_INET) {
		if (!xdp_read_transport(context, packet, ETH_HLEN + sizeof(struct iphdr)))
			goto leave;
	} else if (!xdp_read_transport(context, packet, ETH_HLEN + sizeof(struct ipv6hdr))) {
		goto leave;
	}
	if (settings->mark_rules)
		packet->mark = mark_by_rules(packet, settings->mark_rules);
	return 1;
leave:
	count_total(TOTAL_PUNTED);
	return 0;
}

#endif
