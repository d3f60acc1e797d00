/* SPDX-License-Identifier: MIT OR GPL-2.0 */
#ifndef VIPR_TOTAL_H
#define VIPR_TOTAL_H

#include "maps.h"

/* One more of something that the director reports. */
static __always_inline void count_total(enum total what)
{
	__u32 key = what;
	__u64 *value = bpf_map_lookup_elem(&totals, &key);

	if (value)
		*value += 1;
}

/* Of what the sweep counts too, which a packet on the same CPU may interrupt in the middle. */
static __always_inline void count_total_atomically(enum total what)
{
	__u32 key = what;
	__u64 *value = bpf_map_lookup_elem(&totals, &key);

	if (value)
		__sync_fetch_and_add(value, 1);
}

#endif
