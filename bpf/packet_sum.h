/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* The sum over a part of a packet, for the rare cases where nothing else tells it. */
#ifndef VIPR_PACKET_SUM_H
#define VIPR_PACKET_SUM_H

#include "checksum.h"

#define SUM_CHUNK 64

struct packet_sum {
	struct __sk_buff *context;
	__u32 offset;
	__u32 left;
	__u32 sum;
	__u32 failed;
};

static long sum_chunk(__u32 index, struct packet_sum *state)
{
	__u32 length = state->left;
	__be32 chunk[SUM_CHUNK / 4] = {};

	if (length >= SUM_CHUNK) {
		if (bpf_skb_load_bytes(state->context, state->offset, chunk, SUM_CHUNK))
			state->failed = 1;
		length = SUM_CHUNK;
	} else {
		/* Between 1 and the chunk's; Linux 6.1 sees that only in sums, not in a comparison with 0. */
		if (!length)
			return 1;
		length -= 1;
		barrier_var(length);
		length &= SUM_CHUNK - 1;
		barrier_var(length);
		length += 1;
		if (bpf_skb_load_bytes(state->context, state->offset, chunk, length))
			state->failed = 1;
	}
	state->sum = fold_sum((__u64)state->sum + (__u32)bpf_csum_diff(0, 0, chunk, SUM_CHUNK, 0));
	state->offset += length;
	state->left -= length;
	return state->failed ? 1 : 0;
}

/* Folded to 16 bits; -1 where the packet does not have these bytes. */
static __noinline int sum_packet(struct __sk_buff *context, __u32 offset, __u32 length)
{
	struct packet_sum state = {
		.context = context,
		.offset = offset,
		.left = length,
	};

	bpf_loop((length + SUM_CHUNK - 1) / SUM_CHUNK, sum_chunk, &state, 0);
	return state.failed ? -1 : (int)state.sum;
}

#endif
