/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* The maps. Sizes are the defaults: the director sets those of its configuration before it loads the object. */
#ifndef VIPR_MAPS_H
#define VIPR_MAPS_H

#include "abi.h"

#define DEFAULT_SERVICES 65536
#define DEFAULT_DESTINATIONS 65536
#define DEFAULT_CONNECTIONS 1048576

#define ARRAY_MAP(name, entries, value_type)                  \
	struct {                                              \
		__uint(type, BPF_MAP_TYPE_ARRAY);             \
		__uint(max_entries, entries);                 \
		__type(key, __u32);                           \
		__type(value, value_type);                    \
	} name SEC(".maps")

#define PER_CPU_MAP(name, entries, value_type)                \
	struct {                                              \
		__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);      \
		__uint(max_entries, entries);                 \
		__type(key, __u32);                           \
		__type(value, value_type);                    \
	} name SEC(".maps")

#define HASH_MAP(name, entries, key_type, value_type)         \
	struct {                                              \
		__uint(type, BPF_MAP_TYPE_HASH);              \
		__uint(max_entries, entries);                 \
		__type(key, key_type);                        \
		__type(value, value_type);                    \
	} name SEC(".maps")

/* The director reads and writes its values in place. */
#define SHARED_ARRAY_MAP(name, entries, value_type)           \
	struct {                                              \
		__uint(type, BPF_MAP_TYPE_ARRAY);             \
		__uint(map_flags, BPF_F_MMAPABLE);            \
		__uint(max_entries, entries);                 \
		__type(key, __u32);                           \
		__type(value, value_type);                    \
	} name SEC(".maps")

ARRAY_MAP(settings, 1, struct settings);
ARRAY_MAP(address_filter, 1, struct address_filter);
ARRAY_MAP(mark_rules, 256, struct mark_rule);

HASH_MAP(services, DEFAULT_SERVICES, struct service_key, struct service);
ARRAY_MAP(service_keys, DEFAULT_SERVICES, struct service_key);
SHARED_ARRAY_MAP(service_live, DEFAULT_SERVICES, struct service_live);
PER_CPU_MAP(service_counters, DEFAULT_SERVICES, struct counters);
ARRAY_MAP(service_zero, DEFAULT_SERVICES, struct counters);

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, DEFAULT_SERVICES);
	__type(key, __u32);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_ARRAY);
		__uint(map_flags, BPF_F_INNER_MAP);
		__uint(max_entries, 1);
		__type(key, __u32);
		__type(value, __u32);
	});
} selection SEC(".maps");

ARRAY_MAP(destinations, DEFAULT_DESTINATIONS, struct destination);
SHARED_ARRAY_MAP(destination_live, DEFAULT_DESTINATIONS, struct destination_live);
ARRAY_MAP(next_hops, DEFAULT_DESTINATIONS, struct next_hop);
PER_CPU_MAP(destination_counters, DEFAULT_DESTINATIONS, struct counters);
ARRAY_MAP(destination_zero, DEFAULT_DESTINATIONS, struct counters);

/* By index; interfaces beyond it are left to tc. */
ARRAY_MAP(interfaces, 65536, struct interface);

HASH_MAP(connections4, DEFAULT_CONNECTIONS, struct flow4, struct connection);
HASH_MAP(connections6, DEFAULT_CONNECTIONS, struct flow6, struct connection);
HASH_MAP(replies4, DEFAULT_CONNECTIONS, struct flow4, struct reply4);
HASH_MAP(replies6, DEFAULT_CONNECTIONS, struct flow6, struct reply6);
PER_CPU_MAP(reply_hints, REPLY_HINTS, struct reply_hint);

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct fragment_key);
	__type(value, struct fragment);
} fragments SEC(".maps");

PER_CPU_MAP(icmp_budget, 1, struct icmp_budget);

HASH_MAP(balance_cache, 65536, struct cache_key, struct cache_entry);

/* A power of two of pages. */
#define SYNC_EVENT_BYTES (1 << 20)

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, SYNC_EVENT_BYTES);
} sync_events SEC(".maps");

PER_CPU_MAP(totals, TOTALS, __u64);

#endif
