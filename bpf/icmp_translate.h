/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Masquerades an ICMP error: one address of its own, and the address and port of the quoted packet that are of the same host
 * (ip_vs_core.c, ip_vs_nat_icmp). The quoted transport checksum stays: nobody checks it.
 */
#ifndef VIPR_ICMP_TRANSLATE_H
#define VIPR_ICMP_TRANSLATE_H

#include "change.h"
#include "quote.h"
#include "tc_rewrite.h"

/* Replaces an address of an IP header at `offset`, its header checksum with it. Returns what the transport's pseudo header sees. */
static __always_inline int replace_address(struct __sk_buff *context, __u8 family, __u32 offset, const struct change *change,
				      __u64 *difference)
{
	struct address before = {};

	if (family == AF_INET6) {
		offset += change->source ? IPV6_SOURCE : IPV6_DESTINATION;
		if (bpf_skb_load_bytes(context, offset, &before, 16))
			return -1;
		*difference += difference_of_addresses(AF_INET6, &before, &change->after);
		return bpf_skb_store_bytes(context, offset, &change->after, 16, BPF_F_RECOMPUTE_CSUM);
	}
	if (bpf_skb_load_bytes(context, offset + (change->source ? IPV4_SOURCE : IPV4_DESTINATION), &before, 4))
		return -1;
	if (bpf_l3_csum_replace(context, offset + IPV4_CHECKSUM, before.word[0], change->after.word[0], 4))
		return -1;
	offset += change->source ? IPV4_SOURCE : IPV4_DESTINATION;
	return bpf_skb_store_bytes(context, offset, &change->after, 4, 0);
}

/* Changes `change` on its way. 0, or -1 where the packet is spoilt. */
__noinline int translate_icmp(struct __sk_buff *context, const struct packet *packet, const struct quote *quote,
			      struct change *change)
{
	__u64 difference = 0;
	__u32 checksum_at;
	__u16 checksum;

	if (!packet || !quote || !change)
		return -1;
	checksum_at = packet->l4_offset + 2;
	if (replace_address(context, packet->family, packet->l3_offset, change, &difference))
		return -1;
	/* What the error goes along with, the quoted packet went against. */
	change->source = !change->source;
	if (replace_address(context, packet->family, packet->l4_offset + ICMP_LENGTH, change, &difference))
		return -1;
	difference += difference16(change->port_before, change->port_after);
	if (bpf_skb_store_bytes(context, quote->l4_offset + (change->source ? 0 : 2), &change->port_after, 2,
				BPF_F_RECOMPUTE_CSUM))
		return -1;
	if (bpf_skb_load_bytes(context, checksum_at, &checksum, 2))
		return -1;
	checksum = update_checksum(checksum, difference);
	return bpf_skb_store_bytes(context, checksum_at, &checksum, 2, BPF_F_RECOMPUTE_CSUM);
}

#endif
