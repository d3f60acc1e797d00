/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* What a selection reads of a destination. */
#ifndef VIPR_ELIGIBLE_H
#define VIPR_ELIGIBLE_H

#include "destination.h"

struct candidate {
	__u32 weight; /* 0 for one that is not available */
	__u32 active;
	__u32 inactive;
	__u32 overloaded;
};

static __always_inline struct candidate candidate_of(__u32 id)
{
	struct candidate candidate = {};
	struct destination *destination = get_destination(id);
	struct destination_live *live = get_live(id);

	if (!destination || !live || !(destination->flags & DESTINATION_AVAILABLE))
		return candidate;
	candidate.weight = destination->weight;
	candidate.active = live->active;
	candidate.inactive = live->inactive;
	candidate.overloaded = live->overloaded;
	return candidate;
}

static __always_inline int is_eligible(const struct candidate *candidate)
{
	return candidate->weight && !candidate->overloaded;
}

static __always_inline int is_eligible_id(__u32 id)
{
	struct candidate candidate = candidate_of(id);

	return is_eligible(&candidate);
}

/* Active connections count 256 times (ip_vs.h, ip_vs_dest_conn_overhead). */
static __always_inline __u64 overhead_of(const struct candidate *candidate)
{
	return ((__u64)candidate->active << 8) + candidate->inactive;
}

#endif
