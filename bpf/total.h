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

#endif
