/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * What a tunnel puts in front of a packet: an IP header, and behind it that of GUE (variant 0) or GRE, as IPVS builds them
 * (ip_vs_xmit.c, ip_vs_tunnel_xmit and ip_vs_tunnel_xmit_v6).
 */
#ifndef VIPR_TUNNEL_H
#define VIPR_TUNNEL_H

#include "checksum.h"
#include "destination.h"
#include "ip.h"
#include "packet.h"

#define TUNNEL_CHECKSUM 1 /* destination.tunnel_flags; remote checksum offload looks the same, as no checksum is left open here */
#define TUNNEL_REMOTE_CHECKSUM 2

#define GUE_LENGTH 12 /* with that of UDP */
#define GRE_LENGTH 4
#define GRE_CHECKSUM_LENGTH 8
#define GRE_CHECKSUM bpf_htons(0x8000)

#define ECN_MASK 3
#define ECN_CONGESTION 3
#define ECN_CAPABLE 2 /* ECT(0) */

struct tunnel_header {
	__u8 ip[40];
	__be16 part[GUE_LENGTH / 2]; /* GUE or GRE */
	__u16 ip_length;
	__u16 part_length;
	__be16 ether_type;
	__u16 zero;
};

/* Returns where a header has no part; behind it the verifier knows the limits of the length. That of Linux 6.1 does not learn from
 * "not 0" that it is 1 at least, nor anything from the one comparison that the compiler would make of two.
 */
#define REQUIRE_PART(length)               \
	do {                               \
		if ((length) < GRE_LENGTH) \
			return 0;          \
		barrier_var(length);       \
		if ((length) > GUE_LENGTH) \
			return -1;         \
	} while (0)

/* What an outer header says of the packet inside, besides struct packet. */
struct tunnel_payload {
	__u64 sum; /* of its words, from its IP header on */
	__u8 summed; /* 0: the sum is not known, as each segment of the packet has another; there will be no checksum */
	__u8 ttl; /* of the outer header */
	__u8 dont_fragment; /* likewise */
	__u8 zero[5];
};

static __always_inline int has_tunnel_checksum(const struct destination *destination)
{
	return destination->tunnel_type != TUNNEL_IPIP && (destination->tunnel_flags & (TUNNEL_CHECKSUM | TUNNEL_REMOTE_CHECKSUM));
}

static __always_inline __u32 tunnel_part_length(const struct destination *destination, int summed)
{
	if (destination->tunnel_type == TUNNEL_GUE)
		return GUE_LENGTH;
	if (destination->tunnel_type == TUNNEL_GRE)
		return summed && has_tunnel_checksum(destination) ? GRE_CHECKSUM_LENGTH : GRE_LENGTH;
	return 0;
}

/* Bytes that a packet grows by. */
static __always_inline __u32 tunnel_overhead(const struct destination *destination)
{
	return (destination->family == AF_INET ? sizeof(struct iphdr) : sizeof(struct ipv6hdr)) +
	       tunnel_part_length(destination, 1);
}

/*
 * The sum over a packet whose transport checksum is right, without reading it: header and payload of TCP or UDP sum up to the
 * complement of their pseudo header (local checksum offload, Documentation/networking/checksum-offloads.rst). It holds as well
 * where a device is yet to fill the checksum in. An IPv4 header sums up to nothing; what is left of IPv6 is its first two words,
 * `head`.
 */
static __always_inline __u64 sum_by_checksum(const struct packet *packet, __u64 head)
{
	__u32 length = packet->length + packet->l3_offset - packet->l4_offset;
	__u64 pseudo = sum_address(packet->family, &packet->source) + sum_address(packet->family, &packet->destination) +
		       bpf_htons(packet->protocol) + bpf_htons(length);
	__u64 sum = (__u16)~fold_sum(pseudo);

	if (packet->family == AF_INET)
		return sum;
	return sum + head + sum_address(AF_INET6, &packet->source) + sum_address(AF_INET6, &packet->destination);
}

/* A source port by which the receiver's queues and the paths between tell flows apart: one of 32768 to 65535. */
static __always_inline __be16 flow_port(const struct packet *packet)
{
	__u32 hash = packet->source.word[0] ^ packet->source.word[1] ^ packet->source.word[2] ^ packet->source.word[3];

	hash = (hash ^ packet->destination.word[0] ^ packet->destination.word[3]) * 0x9e3779b1u;
	hash = (hash ^ (hash >> 15) ^ ((__u32)packet->source_port << 16 | packet->destination_port)) * 0x85ebca77u;
	return bpf_htons(0x8000 | (hash >> 17));
}

/* The header of GUE or GRE; its checksum covers the sum of the rest. */
static __always_inline void build_tunnel_part(struct tunnel_header *header, const struct destination *destination,
					      const struct packet *packet, const struct tunnel_payload *payload,
					      const struct address *source, __u32 length)
{
	int checksum = payload->summed && has_tunnel_checksum(destination);
	__be16 *part = header->part;
	__u64 sum = payload->sum;

	if (destination->tunnel_type == TUNNEL_GRE) {
		part[0] = checksum ? GRE_CHECKSUM : 0;
		part[1] = packet->family == AF_INET ? bpf_htons(ETH_P_IP) : bpf_htons(ETH_P_IPV6);
		if (checksum)
			part[2] = ~fold_sum(sum + part[0] + part[1]);
		return;
	}
	part[0] = flow_port(packet);
	part[1] = destination->tunnel_port;
	part[2] = bpf_htons(length);
	part[4] = bpf_htons(packet->family == AF_INET ? IPPROTO_IPIP : IPPROTO_IPV6);
	if (checksum) {
		sum += (__u64)part[0] + part[1] + part[2] + part[4];
		sum += sum_address(destination->family, source) + sum_address(destination->family, &destination->address);
		sum += (__u64)bpf_htons(IPPROTO_UDP) + bpf_htons(length);
		part[3] = ~fold_sum(sum);
		if (!part[3])
			part[3] = 0xffff;
	}
}

/* That of the packet, but for "congestion experienced", which becomes "ECN-capable": what the tunnel adds is to be told (RFC 3168 9.1.1). */
static __always_inline __u8 outer_tos(const struct packet *packet)
{
	return (packet->tos & ECN_MASK) == ECN_CONGESTION ? packet->tos - ECN_CONGESTION + ECN_CAPABLE : packet->tos;
}

/* `ip` may lie in a packet. The checksum is summed up from what is written, which need not be read again. */
static __always_inline void build_outer_ipv4(struct iphdr *ip, const struct destination *destination,
					     const struct packet *packet, const struct tunnel_payload *payload,
					     const struct address *source, __u8 protocol, __u32 length)
{
	__be16 type = bpf_htons(0x4500 | outer_tos(packet));
	__be16 total = bpf_htons(length + sizeof(*ip));
	__be16 id = payload->dont_fragment ? 0 : bpf_get_prandom_u32();
	__be16 fragment = payload->dont_fragment ? IPV4_DONT_FRAGMENT : 0;
	__be16 reach = bpf_htons((__u32)payload->ttl << 8 | protocol);
	__be32 target = destination->address.word[0];
	__u64 sum = (__u64)type + total + id + fragment + reach + source->word[0] + target;

	*(__be16 *)ip = type;
	ip->tot_len = total;
	ip->id = id;
	ip->frag_off = fragment;
	*(__be16 *)&ip->ttl = reach;
	ip->check = ~fold_sum(sum);
	ip->saddr = source->word[0];
	ip->daddr = target;
}

static __always_inline void build_outer_ipv6(struct tunnel_header *header, const struct destination *destination,
					     const struct packet *packet, const struct tunnel_payload *payload,
					     const struct address *source, __u8 protocol, __u32 length)
{
	struct ipv6hdr *ip = (struct ipv6hdr *)header->ip;

	*(__be32 *)ip = bpf_htonl(6u << 28 | (__u32)outer_tos(packet) << 20);
	ip->payload_len = bpf_htons(length);
	ip->nexthdr = protocol;
	ip->hop_limit = payload->ttl;
	__builtin_memcpy(&ip->saddr, source, sizeof(*source));
	__builtin_memcpy(&ip->daddr, &destination->address, sizeof(destination->address));
}

/* Lengths of packets that the kernel is yet to cut may not fit: whoever cuts them sets them anew. */
static __always_inline void build_tunnel_header(struct tunnel_header *header, const struct destination *destination,
					   const struct packet *packet, const struct tunnel_payload *payload,
					   const struct address *source)
{
	__u32 length;
	__u8 protocol;

	__builtin_memset(header, 0, sizeof(*header));
	header->part_length = tunnel_part_length(destination, payload->summed);
	length = packet->length + header->part_length;
	if (destination->tunnel_type == TUNNEL_IPIP)
		protocol = packet->family == AF_INET ? IPPROTO_IPIP : IPPROTO_IPV6;
	else
		protocol = destination->tunnel_type == TUNNEL_GUE ? IPPROTO_UDP : IPPROTO_GRE;
	if (destination->tunnel_type != TUNNEL_IPIP)
		build_tunnel_part(header, destination, packet, payload, source, length);
	if (destination->family == AF_INET) {
		header->ip_length = sizeof(struct iphdr);
		header->ether_type = bpf_htons(ETH_P_IP);
		build_outer_ipv4((struct iphdr *)header->ip, destination, packet, payload, source, protocol, length);
	} else {
		header->ip_length = sizeof(struct ipv6hdr);
		header->ether_type = bpf_htons(ETH_P_IPV6);
		build_outer_ipv6(header, destination, packet, payload, source, protocol, length);
	}
}

#endif
