/* SPDX-License-Identifier: MIT OR GPL-2.0 */
#ifndef VIPR_SETTING_H
#define VIPR_SETTING_H

#include "maps.h"

static __always_inline struct settings *get_settings(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&settings, &zero);
}

#endif
