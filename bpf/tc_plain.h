/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The usual packet in tc: whole, IPv4 without options, TCP or UDP with a checksum, to a next hop that is known. All its headers up to
 * the ports are read once and written once; others take a helper for each field. What tc_rewrite.h says of checksums holds here.
 */
#ifndef VIPR_TC_PLAIN_H
#define VIPR_TC_PLAIN_H

#include "checksum.h"
#include "next_hop.h"
#include "transport.h"

/* Not such a packet: nothing has happened to it. No TC_ACT_* is that. */
#define NOT_PLAIN (-2)

struct plain_head {
	__u16 zero; /* so that the IP header is aligned */
	struct ethhdr ethernet;
	struct iphdr ip;
	__be16 port[2]; /* source, destination */
	__be16 udp_length;
	__u16 udp_checksum;
};

#define PLAIN_LENGTH (ETH_HLEN + sizeof(struct iphdr) + 8)
#define PLAIN_LENGTH_TO_PORTS (ETH_HLEN + sizeof(struct iphdr) + 4)

static __always_inline int is_plain(const struct packet *packet, const struct hop *hop)
{
	if (packet->family != AF_INET || packet->l3_offset != ETH_HLEN || packet->l4_offset != ETH_HLEN + sizeof(struct iphdr))
		return 0;
	if (packet->protocol != IPPROTO_TCP && packet->protocol != IPPROTO_UDP)
		return 0;
	return hop->kind == HOP_RESOLVED &&
	       !(packet->flags & (PACKET_FIRST_FRAGMENT | PACKET_LATER_FRAGMENT | PACKET_EMBEDDED));
}

/* As bpf_csum_diff() has it. */
static __always_inline __u32 difference32(__be32 before, __be32 after)
{
	__u64 difference = (__u64)(__u32)~before + after;

	return (difference & 0xffffffff) + (difference >> 32);
}

/* Sends the packet on, by its MAC address or with the address and port of the verdict: TC_ACT_*, or NOT_PLAIN. */
__noinline int tc_send_plain(struct __sk_buff *context, const struct packet *packet, const struct verdict *verdict,
			     const struct hop *hop)
{
	struct plain_head head;
	__u32 checksum, addresses = 0;
	__u64 flags, difference;
	__be16 before, port = 0;
	int side;

	if (!packet || !verdict || !hop || !is_plain(packet, hop))
		return NOT_PLAIN;
	if (bpf_skb_load_bytes(context, 0, &head.ethernet, PLAIN_LENGTH))
		return NOT_PLAIN;
	if (verdict->rewrite && packet->protocol == IPPROTO_UDP && !head.udp_checksum)
		return NOT_PLAIN;
	before = *(__be16 *)&head.ip.ttl;
	head.ip.ttl -= 1;
	difference = difference16(before, *(__be16 *)&head.ip.ttl);
	side = verdict->direction == DIRECTION_REPLY ? 0 : 1;
	if (verdict->rewrite) {
		__be32 *address = side ? &head.ip.daddr : &head.ip.saddr;

		addresses = difference32(*address, verdict->address.word[0]);
		difference += addresses;
		*address = verdict->address.word[0];
		port = side ? head.port[1] : head.port[0];
		if (side)
			head.port[1] = verdict->port;
		else
			head.port[0] = verdict->port;
	}
	head.ip.check = update_checksum(head.ip.check, difference);
	__builtin_memcpy(head.ethernet.h_dest, hop->destination_mac, ETH_ALEN);
	__builtin_memcpy(head.ethernet.h_source, hop->source_mac, ETH_ALEN);
	if (bpf_skb_store_bytes(context, 0, &head.ethernet, PLAIN_LENGTH_TO_PORTS, 0))
		return TC_ACT_SHOT;
	if (verdict->rewrite) {
		checksum = packet->l4_offset + checksum_offset(packet->protocol);
		flags = packet->protocol == IPPROTO_UDP ? BPF_F_MARK_MANGLED_0 : 0;
		if (bpf_l4_csum_replace(context, checksum, 0, addresses, flags | BPF_F_PSEUDO_HDR))
			return TC_ACT_SHOT;
		if (port != verdict->port && bpf_l4_csum_replace(context, checksum, port, verdict->port, flags | 2))
			return TC_ACT_SHOT;
	}
	return bpf_redirect(hop->ifindex, 0);
}

#endif
