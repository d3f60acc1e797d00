/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * What the opening of a connection needs beyond the stack, one for each CPU: programs of a CPU run one after another. Loops keep
 * their numbers here for one more reason: the verifier knows nothing of them, and so need not follow a loop round by round.
 */
#ifndef VIPR_SCRATCH_H
#define VIPR_SCRATCH_H

#include "maps.h"

struct ring_walk {
	__u32 service;
	__u32 chosen;
	__u32 segments;
	__u32 segment;
	__u32 entered; /* the step at which the segment was entered */
	__u32 at; /* the segment's members, in words of the body */
	__u32 size;
	__u32 zero;
	__u64 position; /* in the ring */
	__u64 start; /* where the segment begins */
	__u64 end;
	__u64 reached; /* position as if the ring had no end */
	__u64 last; /* `reached` after a whole round */
};

struct hash_walk {
	__u32 service;
	__u32 slots;
	__u32 home;
	__u32 client;
	__u32 maglev;
	__u32 chosen;
};

struct score_scan {
	__u32 service;
	__u32 rule;
	__u32 best; /* an id */
	__u32 best_weight;
	__u64 best_overhead;
};

struct weight_scan {
	__u32 service;
	__u32 drawn;
	__s64 weight; /* the sum so far, or what is left of the number drawn */
};

struct member_scan {
	__u32 best; /* the least loaded member that takes connections, an id */
	__u32 best_weight;
	__u64 best_overhead;
	__u32 most; /* index of the most loaded member, NO_ID for none */
	__u32 most_weight;
	__u64 most_overhead;
};

struct scratch {
	struct flow6 flow;
	struct flow6 template;
	struct connection fresh;
	struct cache_entry entry;
	struct ring_walk ring;
	struct hash_walk hash;
	struct score_scan score;
	struct score_scan idle;
	struct weight_scan weight;
	struct member_scan member;
	struct flow6 older; /* whose replies are taken over */
	struct reply6 taken;
};

#define SCRATCH_OF_PACKETS 0
/* Of programs that the director runs, one at a time: a packet may interrupt them on their CPU. */
#define SCRATCH_OF_DIRECTOR 1
#define SCRATCHES 2

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SCRATCHES);
	__type(key, __u32);
	__type(value, struct scratch);
} scratch SEC(".maps");

static __always_inline struct scratch *get_scratch(void)
{
	__u32 key = SCRATCH_OF_PACKETS;

	return bpf_map_lookup_elem(&scratch, &key);
}

static __always_inline struct scratch *get_director_scratch(void)
{
	__u32 key = SCRATCH_OF_DIRECTOR;

	return bpf_map_lookup_elem(&scratch, &key);
}

#endif
