/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Whether an address may be one of ours: a byte for each hash, so that packets that are not cost two loads. */
#ifndef VIPR_FILTER_H
#define VIPR_FILTER_H

#include "maps.h"

static __always_inline __u32 filter_slot(const struct address *address)
{
	__u32 folded = address->word[0] ^ address->word[1] ^ address->word[2] ^ address->word[3];

	return (folded * FILTER_MULTIPLIER) >> FILTER_SHIFT;
}

/* FILTER_* bits of the hash of an address. */
static __always_inline __u8 filter_bits(const struct address *address)
{
	__u32 zero = 0;
	struct address_filter *filter = bpf_map_lookup_elem(&address_filter, &zero);

	return filter ? filter->slot[filter_slot(address) & (FILTER_SLOTS - 1)] : 0;
}

#endif
