/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* The beginning and the end of connections and templates. */
#ifndef VIPR_CONNECTION_H
#define VIPR_CONNECTION_H

#include "destination.h"
#include "flow.h"
#include "scratch.h"
#include "setting.h"
#include "total.h"

static __always_inline int is_absent(const struct connection *connection, __u64 now)
{
	return connection->expires <= now || (connection->word & CONNECTION_DYING);
}

static __always_inline __u32 method_of(const struct connection *connection)
{
	return (connection->word & CONNECTION_METHOD) >> CONNECTION_METHOD_SHIFT;
}

/* The client's address as persistence sees it; `netmask` as struct connection has it. */
static __always_inline struct address mask_client(__u8 family, const struct address *client, __be32 netmask)
{
	struct address masked = *client;
	__u32 bits = netmask;
	int i;

	if (family == AF_INET) {
		masked.word[0] &= netmask;
		return masked;
	}
#pragma unroll
	for (i = 0; i < 4; i++) {
		if (bits >= 32) {
			bits -= 32;
		} else {
			masked.word[i] &= bits ? bpf_htonl(0xffffffffu << (32 - bits)) : 0;
			bits = 0;
		}
	}
	return masked;
}

/* The template that a connection of `flow` hangs on, by how it is linked. Six arguments: always inline. */
static __always_inline void template_flow(__u8 family, const struct flow6 *flow, __u8 link, __be32 netmask,
					  __u32 firewall_mark, struct flow6 *template)
{
	template->client = mask_client(family, &flow->client, netmask);
	template->client_port = 0;
	template->zero = 0;
	if (link == LINK_MARK) {
		struct address mark = { .word = { firewall_mark } };

		template->virtual = mark;
		template->virtual_port = 0;
		template->protocol = 0;
		template->kind = FLOW_MARK_TEMPLATE;
		return;
	}
	template->virtual = flow->virtual;
	template->virtual_port = link == LINK_PORT ? flow->virtual_port : 0;
	template->protocol = flow->protocol;
	template->kind = FLOW_TEMPLATE;
}

/* Seconds that a template lives on whose connections outlive it; so it does from then on (ip_vs_conn.c, ip_vs_conn_expire). */
#define PINNED_TEMPLATE_SECONDS 60

static __always_inline void pin_template(const struct settings *settings, struct connection *template, __u64 now)
{
	template->timeout = PINNED_TEMPLATE_SECONDS * settings->hz;
	template->expires = now + template->timeout;
}

/* Lets the template go that a connection hung on. */
static __noinline void release_template(__u8 family, const struct flow6 *flow, const struct connection *connection)
{
	struct connection *template;
	struct flow6 key;

	template_flow(family, flow, connection->link, connection->netmask, connection->firewall_mark, &key);
	template = find_connection(family, &key);
	if (template && template->controlled)
		__sync_fetch_and_sub(&template->controlled, 1);
}

/*
 * Removes an entry and lowers what it counted for. Whoever marks it dying does so; the others leave it alone. The reply
 * entry goes first, so that none is left that leads nowhere.
 */
static __noinline void remove_connection(__u8 family, const struct flow6 *flow, struct connection *connection)
{
	struct destination *destination;
	struct destination_live *live;
	__u32 word = connection->word;
	__u32 id = connection->destination;

	if (word & CONNECTION_DYING)
		return;
	if (__sync_val_compare_and_swap(&connection->word, word, word | CONNECTION_DYING) != word)
		return;
	destination = get_destination(id);
	live = get_live(id);
	if (destination && live) {
		if (word & CONNECTION_TEMPLATE)
			__sync_fetch_and_sub(&live->persistent, 1);
		else if (word & CONNECTION_INACTIVE)
			__sync_fetch_and_sub(&live->inactive, 1);
		else
			__sync_fetch_and_sub(&live->active, 1);
		relieve_if_roomy(destination, live);
		if (!(word & CONNECTION_TEMPLATE) && method_of(connection) == METHOD_MASQUERADE) {
			struct flow6 server = server_flow(flow, destination, connection->destination_port);

			delete_reply(family, &server, flow);
		}
	}
	if (connection->link != LINK_NONE)
		release_template(family, flow, connection);
	delete_connection(family, flow);
	count_total_atomically(TOTAL_CONNECTIONS_REMOVED);
}

/* How often to look whether another CPU is done with a removal: some microseconds. */
#define REMOVAL_LOOKS 64

/*
 * Has an entry make way for a new one of its flow. It counts as absent, but counts for the load of its server until that has been
 * chosen, as in IPVS, where it is its timer that removes it (ip_vs_conn.c, ip_vs_conn_expire_now).
 */
static __always_inline void make_way(struct connection *connection)
{
	connection->expires = 0;
}

/* What clear_absent() left. */
#define MADE_WAY 1

/*
 * Removes what stands in the way of a new entry though it counts as absent; not yet what made way, if that is to be kept.
 * -1 where another CPU is about to, and takes long. Until it is done nothing may be inserted: it would take the new reply entry for the
 * old one.
 */
static __noinline int clear_absent(__u8 family, const struct flow6 *flow, __u64 now, int keep)
{
	struct connection *old = find_connection(family, flow);
	int look;

	if (!old || !is_absent(old, now))
		return 0;
	if (keep && !old->expires && !(old->word & CONNECTION_DYING))
		return MADE_WAY;
	remove_connection(family, flow, old);
	for (look = 0; look < REMOVAL_LOOKS; look++) {
		old = find_connection(family, flow);
		if (!old || !is_absent(old, now))
			return 0;
	}
	return -1;
}

/* Whether two entries lead to the same server and port. */
static __always_inline int leads_alike(const struct connection *one, const struct connection *other)
{
	return one->destination == other->destination && one->destination_port == other->destination_port;
}

/*
 * Marks the older connection of the client's port to the server, by another VIP, whose replies a newer one is about to take over: no
 * hint must find it. `server` is the flow of the replies.
 */
static __noinline void mark_taken(__u8 family, const struct flow6 *server, const struct flow6 *flow, struct scratch *scratch)
{
	struct connection *older;

	if (!find_reply(family, server, &scratch->taken))
		return;
	scratch->older = *server;
	scratch->older.virtual = scratch->taken.virtual;
	scratch->older.virtual_port = scratch->taken.virtual_port;
	if (scratch->older.virtual_port == flow->virtual_port && same_address(&scratch->older.virtual, &flow->virtual))
		return;
	older = find_connection(family, &scratch->older);
	if (older)
		__sync_fetch_and_or(&older->word, CONNECTION_REPLY_TAKEN);
}

/* Gives a connection whose replies a newer one had taken over its own back, once that one is gone: the kernel's look-up finds it then. */
static __noinline void retake_replies(__u8 family, const struct flow6 *flow, struct connection *connection,
				      const struct destination *destination)
{
	struct flow6 server = server_flow(flow, destination, connection->destination_port);
	struct scratch *scratch = get_scratch();

	if (!scratch || find_reply(family, &server, &scratch->taken) || insert_reply(family, &server, flow))
		return;
	__sync_fetch_and_and(&connection->word, ~CONNECTION_REPLY_TAKEN);
}

/*
 * Puts the entry of a connection into the table, with that of its replies where it is masqueraded. Returns 0; 1 where another CPU added
 * the same connection meanwhile; -1 where the table is full.
 */
static __always_inline int insert_both(__u8 family, const struct flow6 *flow, const struct connection *connection,
				       const struct destination *destination, struct scratch *scratch)
{
	int masquerade = method_of(connection) == METHOD_MASQUERADE;
	struct connection *other;
	struct flow6 server;

	if (masquerade) {
		server = server_flow(flow, destination, connection->destination_port);
		mark_taken(family, &server, flow, scratch);
		if (insert_reply(family, &server, flow))
			return -1;
	}
	if (!insert_connection(family, flow, connection))
		return 0;
	other = find_connection(family, flow);
	if (masquerade && !(other && leads_alike(other, connection)))
		delete_reply(family, &server, flow);
	return other ? 1 : -1;
}

/*
 * Adds a connection that a packet opens, and has the destination count it. Returns as insert_both().
 */
static __noinline int add_connection(__u8 family, const struct flow6 *flow, const struct connection *connection)
{
	struct destination *destination = get_destination(connection->destination);
	struct destination_live *live = get_live(connection->destination);
	struct scratch *scratch = get_scratch();
	int inserted;

	if (!destination || !live || !scratch)
		return -1;
	inserted = insert_both(family, flow, connection, destination, scratch);
	if (inserted < 0)
		count_total(TOTAL_TABLE_FULL);
	if (inserted)
		return inserted;
	__sync_fetch_and_add(&live->inactive, 1);
	overload_if_full(destination, live);
	count_scheduled(connection->destination, destination->service);
	count_total(TOTAL_CONNECTIONS_ADDED);
	return 0;
}

#endif
