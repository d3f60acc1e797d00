/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Only the first fragment of a packet has ports; the later ones find them here. IPVS has the packet put together instead. */
#ifndef VIPR_FRAGMENT_H
#define VIPR_FRAGMENT_H

#include "filter.h"
#include "packet.h"
#include "total.h"

static __always_inline void key_of_fragment(const struct packet *packet, __u32 identification, struct fragment_key *key)
{
	key->source = packet->source;
	key->destination = packet->destination;
	key->identification = identification;
	key->protocol = packet->protocol;
	key->family = packet->family;
	key->zero = 0;
}

static __noinline void remember_fragment(const struct packet *packet, __u32 identification)
{
	struct fragment ports = {
		.source_port = packet->source_port,
		.destination_port = packet->destination_port,
	};
	struct fragment_key key;

	key_of_fragment(packet, identification, &key);
	bpf_map_update_elem(&fragments, &key, &ports, BPF_ANY);
}

/*
 * Gives a later fragment its ports. 0 where its first fragment did not come this way, or comes after it: the host's own stack
 * gets it then.
 */
static __noinline int recall_fragment(struct packet *packet, __u32 identification)
{
	struct fragment_key key;
	struct fragment *ports;

	key_of_fragment(packet, identification, &key);
	ports = bpf_map_lookup_elem(&fragments, &key);
	if (!ports) {
		if (filter_bits(&packet->destination) & FILTER_VIRTUAL)
			count_total(TOTAL_FRAGMENT_UNKNOWN);
		return 0;
	}
	packet->source_port = ports->source_port;
	packet->destination_port = ports->destination_port;
	return 1;
}

#endif
