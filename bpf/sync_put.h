/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * What a backup does with a connection that a master told it of (ip_vs_sync.c, ip_vs_proc_conn). The director runs it for one connection at
 * a time, while packets may be at work on the same entry.
 */
#ifndef VIPR_SYNC_PUT_H
#define VIPR_SYNC_PUT_H

#include "template.h"

/* How often it begins anew where packets of the connection were faster. */
#define PUT_TURNS 4

/* Results of one turn besides enum sync_result. */
#define PUT_AGAIN 64
/* The entry that led elsewhere is gone. */
#define PUT_REMOVED 65

/* What of a connection's word is the other director's to say. */
#define PUT_WORD (CONNECTION_STATE | CONNECTION_INACTIVE | CONNECTION_NO_OUTPUT)

static __always_inline __u32 word_of_put(const struct destination *destination, const struct flow6 *flow, __u32 told)
{
	__u32 word;

	if (flow->kind != FLOW_CONNECTION)
		return word_of_template(destination) | (told & CONNECTION_ASSURED) | CONNECTION_SYNCHRONISED;
	word = (told & PUT_WORD) | (__u32)(destination->method & 7) << CONNECTION_METHOD_SHIFT | CONNECTION_SYNCHRONISED;
	return destination->method == METHOD_MASQUERADE ? word & ~CONNECTION_NO_OUTPUT : word;
}

static __always_inline void prolong(struct connection *connection, const struct connection *fresh)
{
	connection->timeout = fresh->timeout;
	connection->expires = fresh->expires;
	connection->packets = fresh->packets;
}

/* An entry that leads where the other director's does: whoever wins the swap of the word moves the counts. */
static __always_inline int update_connection(struct connection *connection, const struct connection *fresh)
{
	__u32 taken = CONNECTION_STATE | CONNECTION_INACTIVE;
	__u32 before = connection->word;
	__u32 after = (before & ~taken) | (fresh->word & taken);

	if ((before & CONNECTION_DYING) || __sync_val_compare_and_swap(&connection->word, before, after) != before)
		return PUT_AGAIN;
	if ((before ^ after) & CONNECTION_INACTIVE)
		move_between_counts(connection->destination, !(after & CONNECTION_INACTIVE));
	prolong(connection, fresh);
	return SYNC_UPDATED;
}

/* A template is never removed while connections count on it: it is led elsewhere where it is. */
static __always_inline int update_template(struct connection *template, const struct connection *fresh)
{
	__u32 before = template->destination;

	if (!leads_alike(template, fresh))
		return lead_template(template, before, fresh) ? SYNC_MOVED : PUT_AGAIN;
	if (fresh->word & CONNECTION_ASSURED)
		__sync_fetch_and_or(&template->word, CONNECTION_ASSURED);
	prolong(template, fresh);
	return SYNC_UPDATED;
}

/* Counts an entry that is in the table by now. */
static __always_inline void count_put(const struct destination *destination, const struct connection *fresh)
{
	struct destination_live *live = get_live(fresh->destination);

	count_total_atomically(TOTAL_CONNECTIONS_ADDED);
	if (!live)
		return;
	if (fresh->word & CONNECTION_TEMPLATE)
		__sync_fetch_and_add(&live->persistent, 1);
	else if (fresh->word & CONNECTION_INACTIVE)
		__sync_fetch_and_add(&live->inactive, 1);
	else
		__sync_fetch_and_add(&live->active, 1);
	overload_if_full(destination, live);
}

/* Adds it: enum sync_result, or PUT_AGAIN where an entry is in the way after all. */
static __noinline int add_put(__u8 family, struct scratch *scratch)
{
	struct connection *fresh = &scratch->fresh;
	struct destination *destination = get_destination(fresh->destination);
	int inserted;

	if (!destination)
		return SYNC_GONE;
	if (fresh->word & CONNECTION_TEMPLATE) {
		inserted = 0;
		if (insert_connection(family, &scratch->flow, fresh))
			inserted = find_connection(family, &scratch->flow) ? 1 : -1;
	} else {
		inserted = insert_both(family, &scratch->flow, fresh, destination, scratch);
	}
	if (inserted)
		return inserted < 0 ? SYNC_FULL : PUT_AGAIN;
	count_put(destination, fresh);
	return SYNC_ADDED;
}

/*
 * One turn. Global, so that the verifier does not look at it for each of them. Flow and entry are in the director's scratch: older
 * kernels take no key of a map from a global function's arguments.
 */
__noinline int put_once(__u32 family, __u64 now)
{
	struct scratch *scratch = get_director_scratch();
	struct connection *known, *fresh;

	if (!scratch)
		return SYNC_GONE;
	fresh = &scratch->fresh;
	known = find_connection(family, &scratch->flow);
	if (!known)
		return add_put(family, scratch);
	if (fresh->word & CONNECTION_TEMPLATE) {
		if (!is_absent(known, now) || (known->controlled && !(known->word & CONNECTION_DYING)))
			return update_template(known, fresh);
	} else if (!is_absent(known, now)) {
		if (leads_alike(known, fresh))
			return update_connection(known, fresh);
		if (fresh->word & CONNECTION_INACTIVE)
			return SYNC_KEPT;
		remove_connection(family, &scratch->flow, known);
		return PUT_REMOVED;
	}
	return clear_absent(family, &scratch->flow, now, 0) ? PUT_AGAIN : add_put(family, scratch);
}

static __always_inline int put_connection(__u32 family, const struct flow6 *flow, struct connection *fresh)
{
	struct destination *destination = get_destination(fresh->destination);
	__u64 now = bpf_jiffies64();
	int turn, result, removed = 0;

	if (!destination || !(destination->flags & DESTINATION_USED))
		return SYNC_GONE;
	fresh->expires = now + fresh->timeout;
	fresh->word = word_of_put(destination, flow, fresh->word);
	for (turn = 0; turn < PUT_TURNS; turn++) {
		result = put_once(family, now);
		if (result == PUT_REMOVED)
			removed = 1;
		else if (result != PUT_AGAIN)
			return result == SYNC_ADDED && removed ? SYNC_MOVED : result;
	}
	return SYNC_KEPT;
}

SEC("syscall")
int vipr_sync_put(struct sync_put *context)
{
	struct scratch *scratch = get_director_scratch();
	struct connection *fresh;

	if (!scratch)
		return -1;
	fresh = &scratch->fresh;
	__builtin_memset(fresh, 0, sizeof(*fresh));
	scratch->flow = context->flow;
	fresh->timeout = context->connection.timeout;
	fresh->destination = context->connection.destination;
	fresh->word = context->connection.word;
	fresh->packets = context->connection.packets;
	fresh->firewall_mark = context->connection.firewall_mark;
	fresh->destination_port = context->connection.destination_port;
	context->result = put_connection(context->family, &scratch->flow, fresh);
	return 0;
}

#endif
