/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Selection stage `cache`: lblc and lblcr remember servers by the destination address of packets (ip_vs_lblc.c, ip_vs_lblcr.c). */
#ifndef VIPR_SELECT_CACHE_H
#define VIPR_SELECT_CACHE_H

#include "packet.h"
#include "select_score.h"
#include "setting.h"

/* Seconds that a set of lblcr stays as it is before its most loaded member goes (sysctl lblcr_expiration). */
#define SET_EXPIRATION 86400ULL

static long idle_step(__u32 index, void *context)
{
	struct score_scan *scan = ((struct score_context *)context)->scan;
	__u32 id = body_word(scan->service, index);
	struct candidate candidate;

	if (id == NO_ID)
		return 1;
	candidate = candidate_of(id);
	if ((__u64)candidate.active * 2 >= candidate.weight)
		return 0;
	scan->best = id;
	return 1;
}

/* More active connections than it weighs, while another destination has less than half of what it weighs. */
__noinline int is_busy(__u32 service, __u32 id)
{
	struct candidate candidate = candidate_of(id);
	struct scratch *scratch = get_scratch();
	struct score_context context;

	if (!scratch || candidate.active <= candidate.weight)
		return 0;
	context.scan = &scratch->idle;
	context.scan->service = service;
	context.scan->best = NO_ID;
	bpf_loop(header_word(service, SELECTION_LENGTH), idle_step, &context, 0);
	return context.scan->best != NO_ID;
}

static __noinline void remember(const struct cache_key *key, __u32 id, __u64 now)
{
	struct scratch *scratch = get_scratch();
	struct cache_entry *entry;

	if (!scratch)
		return;
	entry = &scratch->entry;
	entry->last_use = now;
	entry->last_modified = now;
	entry->count = 1;
	entry->member[0] = id;
	bpf_map_update_elem(&balance_cache, key, entry, BPF_ANY);
}

__noinline __u32 select_lblc(struct packet *packet, __u32 service)
{
	struct cache_key key = { .service = service };
	struct cache_entry *entry;
	__u64 now = bpf_jiffies64();
	__u32 id;

	if (!packet)
		return NO_ID;
	key.address = packet->destination;
	entry = bpf_map_lookup_elem(&balance_cache, &key);
	if (entry) {
		__u32 cached = entry->member[0];
		struct candidate candidate = candidate_of(cached);

		entry->last_use = now;
		/* The overload of a cached destination does not count, as in the kernel. */
		if (candidate.weight && !is_busy(service, cached))
			return cached;
	}
	id = select_score(service, RULE_WLC);
	if (id == NO_ID)
		return NO_ID;
	if (entry)
		entry->member[0] = id;
	else
		remember(&key, id, now);
	return id;
}

struct member_context {
	struct cache_entry *entry;
	struct member_scan *scan;
};

static long member_step(__u32 index, void *context)
{
	struct cache_entry *entry = ((struct member_context *)context)->entry;
	struct member_scan *scan = ((struct member_context *)context)->scan;
	struct candidate candidate;
	__u64 overhead;
	__u32 id;

	if (index >= entry->count)
		return 1;
	id = entry->member[index & (CACHE_MEMBERS - 1)];
	candidate = candidate_of(id);
	if (!candidate.weight)
		return 0;
	overhead = overhead_of(&candidate);
	if (scan->most == NO_ID || overhead * scan->most_weight > scan->most_overhead * candidate.weight) {
		scan->most = index;
		scan->most_overhead = overhead;
		scan->most_weight = candidate.weight;
	}
	if (candidate.overloaded)
		return 0;
	if (scan->best == NO_ID || scan->best_overhead * candidate.weight > overhead * scan->best_weight) {
		scan->best = id;
		scan->best_overhead = overhead;
		scan->best_weight = candidate.weight;
	}
	return 0;
}

static long drop_step(__u32 index, void *context)
{
	struct cache_entry *entry = ((struct member_context *)context)->entry;
	struct member_scan *scan = ((struct member_context *)context)->scan;

	if (index + 1 < CACHE_MEMBERS && index >= scan->most)
		entry->member[index & (CACHE_MEMBERS - 1)] = entry->member[(index + 1) & (CACHE_MEMBERS - 1)];
	return 0;
}

/* Puts a member at the head; the oldest of a full set makes room. */
static __always_inline void add_member(struct cache_entry *entry, __u32 id, __u64 now)
{
	__u32 count = entry->count;
	int i;

	for (i = 0; i < CACHE_MEMBERS; i++)
		if (i < count && entry->member[i] == id)
			return;
	for (i = CACHE_MEMBERS - 1; i > 0; i--)
		entry->member[i] = entry->member[i - 1];
	entry->member[0] = id;
	if (count < CACHE_MEMBERS)
		entry->count = count + 1;
	entry->last_modified = now;
}

__noinline __u32 select_lblcr(struct packet *packet, __u32 service)
{
	struct cache_key key = { .service = service };
	struct cache_entry *entry;
	struct scratch *scratch = get_scratch();
	struct member_context context;
	struct settings *settings = get_settings();
	__u64 now = bpf_jiffies64();
	__u32 id;

	if (!settings || !packet || !scratch)
		return NO_ID;
	key.address = packet->destination;
	entry = bpf_map_lookup_elem(&balance_cache, &key);
	if (entry) {
		struct member_scan *scan = &scratch->member;

		scan->best = NO_ID;
		scan->most = NO_ID;
		context.entry = entry;
		context.scan = scan;
		bpf_loop(CACHE_MEMBERS, member_step, &context, 0);
		entry->last_use = now;
		if (entry->count > 1 && scan->most != NO_ID &&
		    now - entry->last_modified > SET_EXPIRATION * settings->hz) {
			bpf_loop(CACHE_MEMBERS, drop_step, &context, 0);
			entry->count -= 1;
			entry->last_modified = now;
		}
		if (scan->best != NO_ID && !is_busy(service, scan->best))
			return scan->best;
	}
	id = select_score(service, RULE_WLC);
	if (id == NO_ID)
		return NO_ID;
	if (entry)
		add_member(entry, id, now);
	else
		remember(&key, id, now);
	return id;
}

#endif
