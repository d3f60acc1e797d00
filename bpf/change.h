/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* What masquerading changes of a packet: one address and one port. */
#ifndef VIPR_CHANGE_H
#define VIPR_CHANGE_H

#include "packet.h"

struct change {
	struct address before;
	struct address after;
	__be16 port_before;
	__be16 port_after;
	__u8 source; /* 1: they are the source's, else the destination's */
	__u8 zero[3];
};

static __always_inline void describe_change(const struct packet *packet, const struct verdict *verdict,
					    struct change *change)
{
	__builtin_memset(change, 0, sizeof(*change));
	change->source = verdict->direction == DIRECTION_REPLY;
	change->before = change->source ? packet->source : packet->destination;
	change->port_before = change->source ? packet->source_port : packet->destination_port;
	change->after = verdict->address;
	change->port_after = verdict->port;
}

#endif
