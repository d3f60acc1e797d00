/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Changes of a packet in XDP: in place, its checksums with it. Headers are plain and where the family says. */
#ifndef VIPR_XDP_REWRITE_H
#define VIPR_XDP_REWRITE_H

#include "change.h"
#include "checksum.h"
#include "crc32c.h"
#include "next_hop.h"
#include "xdp_parse.h"

static __always_inline void xdp_decrement_ipv4(struct iphdr *ip)
{
	__u16 *word = (__u16 *)&ip->ttl;
	__u16 before = *word;

	ip->ttl -= 1;
	ip->check = update_checksum(ip->check, difference16(before, *word));
}

static __always_inline int xdp_rewrite_transport(const struct packet *packet, const struct change *change, void *header,
						 void *end)
{
	__u64 difference = difference16(change->port_before, change->port_after);
	__be16 *port = header + (change->source ? 0 : 2);
	__u32 *crc = header + 8;
	__u16 *checksum;

	if (packet->protocol == IPPROTO_SCTP) {
		__u32 before, length = packet->length + ETH_HLEN - packet->l4_offset;

		if (header + 12 > end)
			return -1;
		before = *(__u32 *)header;
		*port = change->port_after;
		/* 0: the device that sends it computes it. */
		if (change->port_before != change->port_after && *crc)
			*crc ^= crc32c_difference(before ^ *(__u32 *)header, length);
		return 0;
	}
	difference += difference_of_addresses(packet->family, &change->before, &change->after);
	if (packet->protocol == IPPROTO_TCP) {
		if (header + 20 > end)
			return -1;
		checksum = header + 16;
		*checksum = update_checksum(*checksum, difference);
	} else {
		if (header + 8 > end)
			return -1;
		checksum = header + 6;
		/* 0: none, and there is none afterwards. */
		if (*checksum) {
			*checksum = update_checksum(*checksum, difference);
			if (!*checksum)
				*checksum = 0xffff;
		}
	}
	*port = change->port_after;
	return 0;
}

/* Masquerades: 0, or -1 where it cannot. */
__noinline int xdp_rewrite(struct xdp_md *context, const struct packet *packet, const struct change *change)
{
	void *ip = xdp_data(context) + ETH_HLEN;
	void *end = xdp_end(context);

	if (!packet || !change)
		return -1;
	if (packet->family == AF_INET) {
		struct iphdr *ipv4 = ip;

		if (ip + sizeof(*ipv4) > end)
			return -1;
		if (change->source)
			ipv4->saddr = change->after.word[0];
		else
			ipv4->daddr = change->after.word[0];
		ipv4->check = update_checksum(ipv4->check,
					      difference_of_addresses(AF_INET, &change->before, &change->after));
		return xdp_rewrite_transport(packet, change, ip + sizeof(*ipv4), end);
	} else {
		struct ipv6hdr *ipv6 = ip;

		if (ip + sizeof(*ipv6) > end)
			return -1;
		__builtin_memcpy(change->source ? &ipv6->saddr : &ipv6->daddr, &change->after, sizeof(change->after));
		return xdp_rewrite_transport(packet, change, ip + sizeof(*ipv6), end);
	}
}

/*
 * The usual packet, IPv4 with TCP or UDP: time to live, address and port in one go. 0, or -1 where it is none of those, and nothing
 * has happened to it.
 */
static __always_inline int xdp_rewrite_usual(struct xdp_md *context, const struct packet *packet, const struct verdict *verdict)
{
	struct iphdr *ip = xdp_data(context) + ETH_HLEN;
	__be16 *port = (void *)(ip + 1);
	void *end = xdp_end(context);
	__u64 ttl, difference;
	__u16 *checksum;
	__be32 *address = &ip->daddr;
	__be16 before;

	if (packet->family != AF_INET)
		return -1;
	if (packet->protocol == IPPROTO_TCP) {
		checksum = port + 8;
		if ((void *)(port + 10) > end)
			return -1;
	} else if (packet->protocol == IPPROTO_UDP) {
		checksum = port + 3;
		if ((void *)(port + 4) > end)
			return -1;
	} else {
		return -1;
	}
	if (verdict->direction == DIRECTION_REPLY)
		address = &ip->saddr;
	else
		port += 1;
	before = *(__be16 *)&ip->ttl;
	ip->ttl -= 1;
	ttl = difference16(before, *(__be16 *)&ip->ttl);
	difference = (__u64)(__u32)~*address + verdict->address.word[0];
	*address = verdict->address.word[0];
	ip->check = update_checksum(ip->check, difference + ttl);
	difference += difference16(*port, verdict->port);
	*port = verdict->port;
	/* 0 in UDP: none, and there is none afterwards. */
	if (packet->protocol == IPPROTO_UDP && !*checksum)
		return 0;
	*checksum = update_checksum(*checksum, difference);
	if (packet->protocol == IPPROTO_UDP && !*checksum)
		*checksum = 0xffff;
	return 0;
}

static __always_inline void xdp_decrement_ttl(struct xdp_md *context, const struct packet *packet)
{
	void *ip = xdp_data(context) + ETH_HLEN;

	if (ip + sizeof(struct iphdr) > xdp_end(context))
		return;
	if (packet->family == AF_INET)
		xdp_decrement_ipv4(ip);
	else
		((struct ipv6hdr *)ip)->hop_limit -= 1;
}

static __always_inline int xdp_send(struct xdp_md *context, const struct hop *hop)
{
	struct ethhdr *ethernet = xdp_data(context);

	if ((void *)(ethernet + 1) > xdp_end(context))
		return XDP_DROP;
	__builtin_memcpy(ethernet->h_dest, hop->destination_mac, ETH_ALEN);
	__builtin_memcpy(ethernet->h_source, hop->source_mac, ETH_ALEN);
	return hop->ifindex == context->ingress_ifindex ? XDP_TX : bpf_redirect(hop->ifindex, 0);
}

#endif
