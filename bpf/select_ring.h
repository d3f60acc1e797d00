/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Selection stage `ring`: rr and wrr. */
#ifndef VIPR_SELECT_RING_H
#define VIPR_SELECT_RING_H

#include "eligible.h"
#include "scratch.h"
#include "selection_table.h"

#define SEGMENT_SEARCH_STEPS 20
#define RING_STEPS (1u << 20)

struct ring_context {
	struct ring_walk *walk;
};

static __always_inline __u64 end_of_segment(__u32 service, __u32 segment)
{
	return body_word(service, segment * SEGMENT_WORDS + SEGMENT_END_LOW) |
	       (__u64)body_word(service, segment * SEGMENT_WORDS + SEGMENT_END_HIGH) << 32;
}

static __always_inline void enter_segment(struct ring_walk *walk, __u32 segment, __u32 step)
{
	walk->segment = segment;
	walk->entered = step;
	walk->end = end_of_segment(walk->service, segment);
	walk->start = segment ? end_of_segment(walk->service, segment - 1) : 0;
	walk->at = body_word(walk->service, segment * SEGMENT_WORDS + SEGMENT_AT);
	walk->size = body_word(walk->service, segment * SEGMENT_WORDS + SEGMENT_SIZE);
}

/* Looks at one member; a segment whose members were all looked at is left as a whole. */
static long ring_step(__u32 step, void *context)
{
	struct ring_walk *walk = ((struct ring_context *)context)->walk;
	__u64 onward = 1;
	__u32 id;

	if (!walk->size || walk->reached >= walk->last)
		return 1;
	id = body_word(walk->service, walk->at + (__u32)((walk->position - walk->start) % walk->size));
	if (is_eligible_id(id)) {
		walk->chosen = id;
		return 1;
	}
	if (step - walk->entered + 1 >= walk->size)
		onward = walk->end - walk->position;
	walk->position += onward;
	walk->reached += onward;
	if (walk->position >= walk->end) {
		__u32 next = walk->segment + 1;

		if (next >= walk->segments) {
			next = 0;
			walk->position = 0;
		}
		enter_segment(walk, next, step + 1);
	}
	return 0;
}

__noinline __u32 find_segment(__u32 service, __u32 segments, __u64 position)
{
	__u32 low = 0;
	__u32 high = segments;
	int i;

	for (i = 0; i < SEGMENT_SEARCH_STEPS && low < high; i++) {
		__u32 middle = (low + high) / 2;

		if (position < end_of_segment(service, middle))
			high = middle;
		else
			low = middle + 1;
	}
	return low < segments ? low : 0;
}

/* A choice in vain leaves the position as it was. */
__noinline __u32 select_ring(__u32 service)
{
	struct service_live *live = bpf_map_lookup_elem(&service_live, &service);
	struct scratch *scratch = get_scratch();
	struct ring_context context;
	struct ring_walk *walk;
	__u64 total, first;

	if (!live || !scratch)
		return NO_ID;
	walk = &scratch->ring;
	walk->service = service;
	walk->chosen = NO_ID;
	walk->segments = header_word(service, SELECTION_LENGTH);
	total = header_word(service, SELECTION_TOTAL_LOW) | (__u64)header_word(service, SELECTION_TOTAL_HIGH) << 32;
	if (!total || !walk->segments)
		return NO_ID;
	first = __sync_fetch_and_add(&live->position, 1) % total;
	walk->position = first;
	walk->reached = first;
	walk->last = first + total;
	enter_segment(walk, find_segment(service, walk->segments, first), 0);
	context.walk = walk;
	bpf_loop(RING_STEPS, ring_step, &context, 0);
	if (walk->chosen == NO_ID)
		__sync_fetch_and_sub(&live->position, 1);
	else if (walk->reached != first)
		__sync_fetch_and_add(&live->position, walk->reached - first);
	return walk->chosen;
}

#endif
