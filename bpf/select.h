/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Which destination takes a new connection: the stage and rule that the service's scheduler was compiled to. */
#ifndef VIPR_SELECT_H
#define VIPR_SELECT_H

#include "select_cache.h"
#include "select_hash.h"
#include "select_ring.h"
#include "select_score.h"

/* An id, or NO_ID where nobody can take it. `flags`: SERVICE_*. The stages are global functions, each verified once for itself. */
static __always_inline __u32 select_destination(struct packet *packet, __u32 service, __u32 flags)
{
	__u32 rule = header_word(service, SELECTION_RULE);

	switch (header_word(service, SELECTION_STAGE)) {
	case STAGE_RING:
		return select_ring(service);
	case STAGE_HASH:
		return select_hash(packet, service, flags);
	case STAGE_SCORE:
		return rule == RULE_TWOS ? select_twos(service) : select_score(service, rule);
	case STAGE_CACHE:
		return rule == RULE_LBLC ? select_lblc(packet, service) : select_lblcr(packet, service);
	default:
		return NO_ID;
	}
}

#endif
