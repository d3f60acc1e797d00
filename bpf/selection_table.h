/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* The words of a service's selection. A word that is not there is 0 in the header and NO_ID in the body. */
#ifndef VIPR_SELECTION_TABLE_H
#define VIPR_SELECTION_TABLE_H

#include "maps.h"

static __always_inline __u32 *selection_word(__u32 service, __u32 word)
{
	void *table = bpf_map_lookup_elem(&selection, &service);

	if (!table)
		return 0;
	return bpf_map_lookup_elem(table, &word);
}

static __always_inline __u32 header_word(__u32 service, __u32 word)
{
	__u32 *value = selection_word(service, word);

	return value ? *value : 0;
}

static __always_inline __u32 body_word(__u32 service, __u32 word)
{
	__u32 *value = selection_word(service, SELECTION_BODY + word);

	return value ? *value : NO_ID;
}

#endif
