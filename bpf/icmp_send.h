/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Makes of a packet the ICMP error that answers it (RFC 792, RFC 4443), from the address that it was sent to: so the client hears it
 * from the VIP.
 */
#ifndef VIPR_ICMP_SEND_H
#define VIPR_ICMP_SEND_H

#include "checksum.h"
#include "icmp_error.h"
#include "ip.h"
#include "packet_sum.h"
#include "setting.h"
#include "total.h"

#define ICMP_HEADER 8
#define ICMP_TTL 64
/* The longest errors: RFC 1812, 4.3.2.3, and RFC 4443, 2.4 (c). */
#define ICMP_LONGEST 576
#define ICMPV6_LONGEST 1280

#define ICMP_SAVED 96 /* bytes of a packet that make_finished() can carry over */

/*
 * Has the kernel forget a checksum that a device was to fill in: it would land in the quotation. That happens where the bytes
 * at which it starts are taken out, so they are, and come back with `room` in front.
 */
static __noinline int make_finished(struct __sk_buff *context, const struct packet *packet, __u32 room)
{
	/* Counted from the Ethernet header, which moves along. */
	__u32 length = packet->l4_offset + 1;
	__u8 saved[ICMP_SAVED] = {};

	/* Such packets come from this host or its guests, and those send no chains of extension headers. */
	if (length > ICMP_SAVED)
		return bpf_skb_adjust_room(context, room, BPF_ADJ_ROOM_MAC, 0);
	if (bpf_skb_load_bytes(context, ETH_HLEN, saved, length))
		return -1;
	if (bpf_skb_adjust_room(context, -(int)length, BPF_ADJ_ROOM_MAC, 0))
		return -1;
	if (bpf_skb_adjust_room(context, length + room, BPF_ADJ_ROOM_MAC, 0))
		return -1;
	return bpf_skb_store_bytes(context, ETH_HLEN + room, saved, length, BPF_F_RECOMPUTE_CSUM);
}

static __noinline int write_icmp_ipv4(struct __sk_buff *context, const struct packet *packet,
				      const struct icmp_error *error, __u32 quoted, __u32 sum_of_quoted)
{
	__u16 words[(sizeof(struct iphdr) + ICMP_HEADER) / 2] = {};
	struct iphdr *ip = (struct iphdr *)words;
	__u8 *icmp = (__u8 *)(ip + 1);
	__u64 sum = 0;
	int index;

	/* Internetwork control (RFC 1812, 4.3.2.5) and the type of service of what it is about. */
	words[0] = bpf_htons(0x45c0 | (packet->tos & 0x1e));
	ip->tot_len = bpf_htons(sizeof(words) + quoted);
	ip->id = bpf_get_prandom_u32();
	ip->ttl = ICMP_TTL;
	ip->protocol = IPPROTO_ICMP;
	ip->saddr = packet->destination.word[0];
	ip->daddr = packet->source.word[0];
#pragma unroll
	for (index = 0; index < sizeof(*ip) / 2; index++)
		sum += words[index];
	ip->check = ~fold_sum(sum);
	icmp[0] = error->type;
	icmp[1] = error->code;
	*(__be32 *)(icmp + 4) = error->detail;
	words[11] = ~fold_sum((__u64)words[10] + words[12] + words[13] + sum_of_quoted);
	return bpf_skb_store_bytes(context, ETH_HLEN, words, sizeof(words), BPF_F_RECOMPUTE_CSUM);
}

static __noinline int write_icmp_ipv6(struct __sk_buff *context, const struct packet *packet,
				      const struct icmp_error *error, __u32 quoted, __u32 sum_of_quoted)
{
	__u16 words[(sizeof(struct ipv6hdr) + ICMP_HEADER) / 2] = {};
	struct ipv6hdr *ip = (struct ipv6hdr *)words;
	__u8 *icmp = (__u8 *)(ip + 1);
	__u64 sum = sum_address(AF_INET6, &packet->source) + sum_address(AF_INET6, &packet->destination);

	words[0] = bpf_htons(0x6000);
	ip->payload_len = bpf_htons(ICMP_HEADER + quoted);
	ip->nexthdr = IPV6_ICMP;
	ip->hop_limit = ICMP_TTL;
	__builtin_memcpy(&ip->saddr, &packet->destination, 16);
	__builtin_memcpy(&ip->daddr, &packet->source, 16);
	icmp[0] = error->type;
	icmp[1] = error->code;
	*(__be32 *)(icmp + 4) = error->detail;
	sum += (__u64)bpf_htons(IPV6_ICMP) + ip->payload_len;
	words[21] = ~fold_sum(sum + words[20] + words[22] + words[23] + sum_of_quoted);
	return bpf_skb_store_bytes(context, ETH_HLEN, words, sizeof(words), BPF_F_RECOMPUTE_CSUM);
}

/* Whether another error may be sent in this second. Those by which senders learn an MTU always may, as in the kernel. */
static __always_inline int is_within_budget(void)
{
	struct settings *settings = get_settings();
	__u64 now = bpf_jiffies64();
	struct icmp_budget *budget;
	__u32 zero = 0;

	if (!settings)
		return 0;
	budget = bpf_map_lookup_elem(&icmp_budget, &zero);
	if (!budget)
		return 0;
	if (now - budget->second >= settings->hz) {
		budget->second = now;
		budget->sent = 0;
	}
	if (budget->sent >= ICMP_A_SECOND)
		return 0;
	budget->sent += 1;
	return 1;
}

/* Addresses that an error must not go to (RFC 1122, 3.2.2; RFC 4443, 2.4 (e)). */
static __always_inline int is_one_host(__u8 family, const struct address *address)
{
	__u32 first = bpf_ntohl(address->word[0]);

	if (family == AF_INET6)
		return first >> 24 != 0xff && (address->word[0] | address->word[1] | address->word[2] | address->word[3]);
	return first >> 24 != 0 && first >> 24 != 127 && first < 0xe0000000;
}

/* Makes the error in place of the packet. -1: nothing may be sent, or the packet is spoilt. The MAC addresses stay as they are. */
__noinline int make_icmp(struct __sk_buff *context, const struct packet *packet, const struct icmp_error *error)
{
	__u32 room, quoted, least;
	int sum;

	if (!packet || !error)
		return -1;
	room = packet->family == AF_INET ? 28 : 48;
	quoted = (packet->family == AF_INET ? ICMP_LONGEST : ICMPV6_LONGEST) - room;
	/* What make_finished() takes out, and an IP header that is always to remain. */
	least = packet->l4_offset + 1 + sizeof(struct ipv6hdr);
	if (packet->flags & PACKET_LATER_FRAGMENT || !is_one_host(packet->family, &packet->source))
		return -1;
	if (quoted > packet->length)
		quoted = packet->length;
	/* This also ends what the kernel was to cut the packet into. */
	if (bpf_skb_change_tail(context, ETH_HLEN + (quoted > least ? quoted : least), 0))
		return -1;
	if (make_finished(context, packet, room))
		return -1;
	if (quoted < least && bpf_skb_change_tail(context, ETH_HLEN + room + quoted, 0))
		return -1;
	sum = sum_packet(context, ETH_HLEN + room, quoted);
	if (sum < 0)
		return -1;
	if (packet->family == AF_INET)
		return write_icmp_ipv4(context, packet, error, quoted, sum);
	return write_icmp_ipv6(context, packet, error, quoted, sum);
}

#endif
