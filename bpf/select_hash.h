/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Selection stage `hash`: sh, dh and mh, with the fallbacks of ip_vs_sh.c and ip_vs_mh.c. */
#ifndef VIPR_SELECT_HASH_H
#define VIPR_SELECT_HASH_H

#include "eligible.h"
#include "packet.h"
#include "scratch.h"
#include "selection_table.h"
#include "siphash.h"

/* linux/hash.h, GOLDEN_RATIO_32; eight bits of the product choose one of 256 buckets. */
#define GOLDEN_RATIO 0x61c88647u
#define BUCKET_SHIFT 24
/* ip_vs_mh.c, ip_vs_mh_init_svc: the first key. */
#define MAGLEV_KEY 2654435761ULL

/* An address as the hash schedulers see it, host order. */
static __always_inline __u32 fold_address(const struct address *address)
{
	return bpf_ntohl(address->word[0] ^ address->word[1] ^ address->word[2] ^ address->word[3]);
}

struct hash_context {
	struct hash_walk *walk;
};

static long hash_step(__u32 step, void *context)
{
	struct hash_walk *walk = ((struct hash_context *)context)->walk;
	__u32 slot, id;

	if (!walk->slots || step >= walk->slots)
		return 1;
	/* The home counts twice: as where the walk starts, and as the offset of every look-up. */
	slot = (step + walk->home) % walk->slots;
	if (walk->maglev)
		slot = siphash_1_3(MAGLEV_KEY, walk->client + slot) % walk->slots;
	else
		slot = (slot + walk->home) % walk->slots;
	id = body_word(walk->service, slot);
	if (id == NO_ID)
		return !walk->maglev;
	if (!is_eligible_id(id))
		return 0;
	walk->chosen = id;
	return 1;
}

__noinline __u32 select_hash(struct packet *packet, __u32 service, __u32 flags)
{
	__u32 rule = header_word(service, SELECTION_RULE);
	struct scratch *scratch = get_scratch();
	struct hash_context context;
	struct hash_walk *walk;
	__u32 id;

	if (!packet || !scratch)
		return NO_ID;
	walk = &scratch->hash;
	walk->service = service;
	walk->chosen = NO_ID;
	walk->slots = header_word(service, SELECTION_LENGTH);
	if (!walk->slots)
		return NO_ID;
	walk->maglev = rule == RULE_MH;
	walk->client = fold_address(rule == RULE_DH ? &packet->destination : &packet->source);
	if (rule != RULE_DH && (flags & SERVICE_FLAG_2))
		walk->client += bpf_ntohs(packet->source_port);
	if (walk->maglev)
		walk->home = siphash_1_3(MAGLEV_KEY, walk->client) % walk->slots;
	else
		walk->home = ((walk->client * GOLDEN_RATIO) >> BUCKET_SHIFT) % walk->slots;
	id = body_word(service, walk->home);
	if (id == NO_ID || is_eligible_id(id))
		return id;
	if (rule == RULE_DH || !(flags & SERVICE_FLAG_1))
		return NO_ID;
	context.walk = walk;
	bpf_loop(walk->slots, hash_step, &context, 0);
	return walk->chosen;
}

#endif
