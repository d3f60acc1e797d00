/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Destinations: whether they take connections, what they count (ip_vs_conn.c, ip_vs_bind_dest and ip_vs_unbind_dest). */
#ifndef VIPR_DESTINATION_H
#define VIPR_DESTINATION_H

#include "maps.h"

static __always_inline struct destination *get_destination(__u32 id)
{
	return bpf_map_lookup_elem(&destinations, &id);
}

static __always_inline struct destination_live *get_live(__u32 id)
{
	return bpf_map_lookup_elem(&destination_live, &id);
}

/* Sets or lifts the overload after the number of connections went up or down. */
static __always_inline void overload_if_full(const struct destination *destination, struct destination_live *live)
{
	if (destination->upper_threshold && live->active + live->inactive >= destination->upper_threshold)
		live->overloaded = 1;
}

static __always_inline void relieve_if_roomy(const struct destination *destination, struct destination_live *live)
{
	__u64 connections = (__u64)live->active + live->inactive;
	int roomy;

	if (!live->overloaded)
		return;
	if (destination->lower_threshold)
		roomy = connections < destination->lower_threshold;
	else
		roomy = !destination->upper_threshold || connections * 4 < (__u64)destination->upper_threshold * 3;
	if (roomy)
		live->overloaded = 0;
}

/* A connection of the destination became active, or is not any more. */
static __always_inline void move_between_counts(__u32 id, int activates)
{
	struct destination_live *live = get_live(id);

	if (!live)
		return;
	if (activates) {
		__sync_fetch_and_add(&live->active, 1);
		__sync_fetch_and_sub(&live->inactive, 1);
	} else {
		__sync_fetch_and_add(&live->inactive, 1);
		__sync_fetch_and_sub(&live->active, 1);
	}
}

static __always_inline void count_bytes(struct counters *counters, int reply, __u32 bytes)
{
	if (!counters)
		return;
	if (reply) {
		counters->out_packets += 1;
		counters->out_bytes += bytes;
	} else {
		counters->in_packets += 1;
		counters->in_bytes += bytes;
	}
}

/* A packet of a connection; a destination that was deleted counts nothing. */
static __always_inline void count_packet(__u32 id, const struct destination *destination, int reply, __u32 bytes)
{
	__u32 service = destination->service;

	if (!(destination->flags & DESTINATION_AVAILABLE))
		return;
	count_bytes(bpf_map_lookup_elem(&destination_counters, &id), reply, bytes);
	count_bytes(bpf_map_lookup_elem(&service_counters, &service), reply, bytes);
}

/* A connection that was scheduled. */
static __always_inline void count_scheduled(__u32 id, __u32 service)
{
	struct counters *counters = bpf_map_lookup_elem(&destination_counters, &id);

	if (counters)
		counters->connections += 1;
	counters = bpf_map_lookup_elem(&service_counters, &service);
	if (counters)
		counters->connections += 1;
}

#endif
