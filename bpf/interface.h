/* SPDX-License-Identifier: MIT OR GPL-2.0 */
#ifndef VIPR_INTERFACE_H
#define VIPR_INTERFACE_H

#include "maps.h"

static __always_inline struct interface *get_interface(__u32 ifindex)
{
	return bpf_map_lookup_elem(&interfaces, &ifindex);
}

#endif
