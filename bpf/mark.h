/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Firewall marks for packets that nftables has not seen: rules of the director's give them. */
#ifndef VIPR_MARK_H
#define VIPR_MARK_H

#include "maps.h"
#include "packet.h"

#define MARK_RULES 256

struct mark_search {
	struct packet *packet;
	__u32 mark;
};

static __always_inline int is_inside(const struct address *address, const struct address *network, __u32 prefix_length)
{
	int word;

#pragma unroll
	for (word = 0; word < 4; word++) {
		__u32 bits = prefix_length >= 32 ? 32 : prefix_length;
		__u32 mask = bits ? bpf_htonl(0xffffffffu << (32 - bits)) : 0;

		if ((address->word[word] ^ network->word[word]) & mask)
			return 0;
		prefix_length -= bits;
	}
	return 1;
}

static long try_mark_rule(__u32 index, struct mark_search *search)
{
	const struct packet *packet = search->packet;
	struct mark_rule *rule = bpf_map_lookup_elem(&mark_rules, &index);
	__u16 port = bpf_ntohs(packet->destination_port);

	if (!rule)
		return 1;
	if (rule->family != packet->family || (rule->protocol && rule->protocol != packet->protocol))
		return 0;
	if (port < rule->first_port || port > rule->last_port)
		return 0;
	if (!is_inside(&packet->destination, &rule->address, rule->prefix_length))
		return 0;
	search->mark = rule->mark;
	return 1;
}

/* The mark of the first rule that fits; 0 where none does. */
__noinline __u32 mark_by_rules(struct packet *packet, __u32 rules)
{
	struct mark_search search = { .packet = packet };

	if (!packet)
		return 0;
	bpf_loop(rules < MARK_RULES ? rules : MARK_RULES, try_mark_rule, &search, 0);
	return search.mark;
}

#endif
