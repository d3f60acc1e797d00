/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Whether a packet may concern a service, before anything else is looked at. */
#ifndef VIPR_CONCERN_H
#define VIPR_CONCERN_H

#include "filter.h"
#include "packet.h"

static __always_inline int may_concern(const struct settings *settings, const struct packet *packet)
{
	if (settings->flags & SETTING_MARK_SERVICES)
		return 1;
	if (filter_bits(&packet->source) & (FILTER_VIRTUAL | FILTER_SERVER))
		return 1;
	return filter_bits(&packet->destination) & FILTER_VIRTUAL;
}

#endif
