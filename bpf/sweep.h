/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Iterators that the director reads: each visits the entries of one map, and ends a read after a chunk of them. They remove what
 * expired, what purging asks for, and what the defences pick (ip_vs_conn.c, ip_vs_conn_expire and ip_vs_random_dropentry).
 */
#ifndef VIPR_SWEEP_H
#define VIPR_SWEEP_H

#include "connection.h"
#include "sctp_state.h"
#include "tcp_state.h"

/* Entries between two chances for a read to end. */
#define SWEEP_CHUNK 4096
/* Expired entries wait this part of a second more, so that no packet is still at work on them. */
#define SWEEP_GRACE_PART 8

/* The part of the kernel's structures that is read, with its offsets (include/linux/bpf.h). */
struct bpf_iter_meta {
	struct seq_file *seq;
	__u64 session_id;
	__u64 seq_num;
};

struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
	void *key;
	void *value;
};

static __always_inline void end_chunk(struct bpf_iter_meta *meta)
{
	if (meta->seq_num % SWEEP_CHUNK == 0)
		bpf_seq_write(meta->seq, "", 1);
}

/* drop_entry's toss for what has no half-open state: quiet for a minute, and few packets. */
static __always_inline int loses_toss(const struct settings *settings, const struct connection *connection, __u64 now)
{
	__u64 since = now - (connection->expires - connection->timeout);
	__u32 packets = connection->packets;

	if (since < 60ULL * settings->hz || !packets || packets > 8)
		return 0;
	return bpf_get_prandom_u32() % packets == 0;
}

static __always_inline int is_half_open(__u8 protocol, __u32 state)
{
	if (protocol == IPPROTO_TCP)
		return state == TCP_SYN_RECV || state == TCP_SYNACK;
	return protocol == IPPROTO_SCTP && (state == SCTP_STATE_INIT1 || state == SCTP_STATE_INIT);
}

static __always_inline int is_picked(const struct settings *settings, __u8 protocol, const struct connection *connection,
				     __u64 now)
{
	__u32 state = connection->word & CONNECTION_STATE;

	if (bpf_get_prandom_u32() % (settings->drop_entry_odds ? settings->drop_entry_odds : 1))
		return 0;
	if (connection->word & CONNECTION_TEMPLATE)
		return !connection->controlled && !(connection->word & CONNECTION_ASSURED);
	if (is_half_open(protocol, state))
		return 1;
	if (protocol == IPPROTO_TCP && state != TCP_ESTABLISHED)
		return 0;
	if (protocol == IPPROTO_SCTP && state != SCTP_STATE_ESTABLISHED)
		return 0;
	return loses_toss(settings, connection, now);
}

/* Half-open for longer than the limit of an almost full table. */
static __always_inline int lingers(const struct settings *settings, __u8 protocol, const struct connection *connection,
				   __u64 now)
{
	if (!settings->embryonic_limit || (connection->word & CONNECTION_TEMPLATE))
		return 0;
	if (!is_half_open(protocol, connection->word & CONNECTION_STATE))
		return 0;
	return now - (connection->expires - connection->timeout) > settings->embryonic_limit;
}

static __always_inline int is_purged(const struct settings *settings, const struct connection *connection)
{
	struct destination *destination;

	if (!(settings->flags & SETTING_EXPIRE_NODEST_CONN) || (connection->word & CONNECTION_TEMPLATE))
		return 0;
	destination = get_destination(connection->destination);
	return destination && !(destination->flags & DESTINATION_AVAILABLE);
}

/* Whether the entry is to go; a template that is still needed is given more time. */
static __always_inline int is_to_go(const struct settings *settings, __u8 protocol, struct connection *connection)
{
	__u64 now = bpf_jiffies64();

	if (connection->expires + settings->hz / SWEEP_GRACE_PART <= now) {
		if (!(connection->word & CONNECTION_TEMPLATE) || !connection->controlled)
			return 1;
		pin_template(settings, connection, now);
		return 0;
	}
	if (is_purged(settings, connection))
		return 1;
	if (lingers(settings, protocol, connection, now) ||
	    ((settings->flags & SETTING_DROP_ENTRY) && is_picked(settings, protocol, connection, now))) {
		count_total(TOTAL_DROP_ENTRY);
		return 1;
	}
	return 0;
}

/* Entries that are neither expired nor in danger are passed by on what the iterator shows, without a look-up. */
static __always_inline int needs_a_look(const struct settings *settings, const struct connection *seen)
{
	if (settings->embryonic_limit || (settings->flags & (SETTING_EXPIRE_NODEST_CONN | SETTING_DROP_ENTRY)))
		return 1;
	return seen->expires <= bpf_jiffies64();
}

SEC("iter/bpf_map_elem")
int vipr_sweep4(struct bpf_iter__bpf_map_elem *context)
{
	struct settings *settings = get_settings();
	struct connection *seen = context->value;
	struct flow4 *key = context->key;
	struct connection *connection;
	struct flow4 narrow;
	struct flow6 flow = {};

	if (!key || !seen || !settings)
		return 0;
	end_chunk(context->meta);
	if (!needs_a_look(settings, seen))
		return 0;
	narrow = *key;
	connection = bpf_map_lookup_elem(&connections4, &narrow);
	if (!connection || !is_to_go(settings, narrow.protocol, connection))
		return 0;
	flow.client.word[0] = narrow.client;
	flow.virtual.word[0] = narrow.virtual;
	flow.client_port = narrow.client_port;
	flow.virtual_port = narrow.virtual_port;
	flow.protocol = narrow.protocol;
	flow.kind = narrow.kind;
	remove_connection(AF_INET, &flow, connection);
	return 0;
}

SEC("iter/bpf_map_elem")
int vipr_sweep6(struct bpf_iter__bpf_map_elem *context)
{
	struct settings *settings = get_settings();
	struct connection *seen = context->value;
	struct flow6 *key = context->key;
	struct connection *connection;
	struct flow6 flow;

	if (!key || !seen || !settings)
		return 0;
	end_chunk(context->meta);
	if (!needs_a_look(settings, seen))
		return 0;
	flow = *key;
	connection = bpf_map_lookup_elem(&connections6, &flow);
	if (connection && is_to_go(settings, flow.protocol, connection))
		remove_connection(AF_INET6, &flow, connection);
	return 0;
}

/*
 * Reply entries without a connection, which a removal that raced may leave. One that is found so twice goes: the first time its
 * connection may be about to be inserted.
 */
SEC("iter/bpf_map_elem")
int vipr_sweep_replies4(struct bpf_iter__bpf_map_elem *context)
{
	struct reply4 *reply = context->value;
	struct flow4 *key = context->key;
	struct flow4 server, flow;
	struct reply4 *orphan;

	if (!key || !reply)
		return 0;
	end_chunk(context->meta);
	server = *key;
	flow = server;
	flow.virtual = reply->virtual;
	flow.virtual_port = reply->virtual_port;
	if (bpf_map_lookup_elem(&connections4, &flow))
		return 0;
	if (reply->orphan) {
		bpf_map_delete_elem(&replies4, &server);
		return 0;
	}
	orphan = bpf_map_lookup_elem(&replies4, &server);
	if (orphan)
		orphan->orphan = 1;
	return 0;
}

SEC("iter/bpf_map_elem")
int vipr_sweep_replies6(struct bpf_iter__bpf_map_elem *context)
{
	struct reply6 *reply = context->value;
	struct flow6 *key = context->key;
	struct flow6 server, flow;
	struct reply6 *orphan;

	if (!key || !reply)
		return 0;
	end_chunk(context->meta);
	server = *key;
	flow = server;
	flow.virtual = reply->virtual;
	flow.virtual_port = reply->virtual_port;
	if (bpf_map_lookup_elem(&connections6, &flow))
		return 0;
	if (reply->orphan) {
		bpf_map_delete_elem(&replies6, &server);
		return 0;
	}
	orphan = bpf_map_lookup_elem(&replies6, &server);
	if (orphan)
		orphan->orphan = 1;
	return 0;
}

#endif
