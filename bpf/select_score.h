/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Selection stage `score`: a scan of the list for the best by a rule; the first of the list where several are (ip_vs_wlc.c and so on). */
#ifndef VIPR_SELECT_SCORE_H
#define VIPR_SELECT_SCORE_H

#include "eligible.h"
#include "scratch.h"
#include "selection_table.h"

struct score_context {
	struct score_scan *scan;
};

/* Whether the candidate is to replace the best so far. */
static __always_inline int beats(const struct score_scan *scan, const struct candidate *candidate, __u64 overhead)
{
	switch (scan->rule) {
	case RULE_LC:
		return scan->best == NO_ID || overhead < scan->best_overhead;
	case RULE_FO:
		return candidate->weight > scan->best_weight;
	case RULE_OVF:
		return candidate->active <= candidate->weight && candidate->weight > scan->best_weight;
	default:
		return scan->best == NO_ID ||
		       scan->best_overhead * candidate->weight > overhead * scan->best_weight;
	}
}

static long score_step(__u32 index, void *context)
{
	struct score_scan *scan = ((struct score_context *)context)->scan;
	__u32 id = body_word(scan->service, index);
	struct candidate candidate;
	__u64 overhead;

	if (id == NO_ID)
		return 1;
	candidate = candidate_of(id);
	if (!is_eligible(&candidate))
		return 0;
	if (scan->rule == RULE_NQ && !candidate.active) {
		scan->best = id;
		return 1;
	}
	if (scan->rule == RULE_SED || scan->rule == RULE_NQ)
		overhead = (__u64)candidate.active + 1;
	else
		overhead = overhead_of(&candidate);
	if (beats(scan, &candidate, overhead)) {
		scan->best = id;
		scan->best_weight = candidate.weight;
		scan->best_overhead = overhead;
	}
	return 0;
}

__noinline __u32 select_score(__u32 service, __u32 rule)
{
	struct scratch *scratch = get_scratch();
	struct score_context context;

	if (!scratch)
		return NO_ID;
	context.scan = &scratch->score;
	context.scan->service = service;
	context.scan->rule = rule;
	context.scan->best = NO_ID;
	context.scan->best_weight = 0;
	context.scan->best_overhead = 0;
	bpf_loop(header_word(service, SELECTION_LENGTH), score_step, &context, 0);
	return context.scan->best;
}

/* twos: two draws, each uniform from 0 to the sum of weights, both included (ip_vs_twos.c). */
struct weight_context {
	struct weight_scan *scan;
};

static long sum_step(__u32 index, void *context)
{
	struct weight_scan *scan = ((struct weight_context *)context)->scan;
	__u32 id = body_word(scan->service, index);
	struct candidate candidate;

	if (id == NO_ID)
		return 1;
	candidate = candidate_of(id);
	if (is_eligible(&candidate))
		scan->weight += candidate.weight;
	return 0;
}

__noinline __u64 sum_of_weights(__u32 service)
{
	struct scratch *scratch = get_scratch();
	struct weight_context context;

	if (!scratch)
		return 0;
	context.scan = &scratch->weight;
	context.scan->service = service;
	context.scan->weight = 0;
	bpf_loop(header_word(service, SELECTION_LENGTH), sum_step, &context, 0);
	return context.scan->weight;
}

static long draw_step(__u32 index, void *context)
{
	struct weight_scan *scan = ((struct weight_context *)context)->scan;
	__u32 id = body_word(scan->service, index);
	struct candidate candidate;

	if (id == NO_ID)
		return 1;
	candidate = candidate_of(id);
	if (!is_eligible(&candidate))
		return 0;
	scan->weight -= candidate.weight;
	if (scan->weight > 0)
		return 0;
	scan->drawn = id;
	return 1;
}

/* The destination in whose stretch of weight the number falls. */
__noinline __u32 draw_destination(__u32 service, __u64 number)
{
	struct scratch *scratch = get_scratch();
	struct weight_context context;

	if (!scratch)
		return NO_ID;
	context.scan = &scratch->weight;
	context.scan->service = service;
	context.scan->weight = number;
	context.scan->drawn = NO_ID;
	bpf_loop(header_word(service, SELECTION_LENGTH), draw_step, &context, 0);
	return context.scan->drawn;
}

static __always_inline __u64 random_up_to(__u64 most)
{
	__u64 random = (__u64)bpf_get_prandom_u32() << 32 | bpf_get_prandom_u32();

	return random % (most + 1);
}

__noinline __u32 select_twos(__u32 service)
{
	__u64 total = sum_of_weights(service);
	__u32 first = draw_destination(service, random_up_to(total));
	__u32 second = draw_destination(service, random_up_to(total));
	struct candidate one, other;

	if (first == NO_ID || second == NO_ID)
		return first;
	one = candidate_of(first);
	other = candidate_of(second);
	/* The kernel multiplies in 32 bits here, where other schedulers take 64, and so do we. */
	if ((__s32)(other.weight * (__u32)overhead_of(&one)) > (__s32)(one.weight * (__u32)overhead_of(&other)))
		return second;
	return first;
}

#endif
