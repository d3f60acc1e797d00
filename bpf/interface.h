/* SPDX-License-Identifier: MIT OR GPL-2.0 */
#ifndef VIPR_INTERFACE_H
#define VIPR_INTERFACE_H

#include "maps.h"

/* Null where nobody described it: an entry without an MTU, or an index beyond the map. */
static __always_inline struct interface *get_interface(__u32 ifindex)
{
	struct interface *interface = bpf_map_lookup_elem(&interfaces, &ifindex);

	return interface && interface->mtu ? interface : 0;
}

#endif
