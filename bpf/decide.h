/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* What becomes of a packet (ip_vs_core.c, ip_vs_in and ip_vs_out). Nothing is counted here but what was scheduled: account() does. */
#ifndef VIPR_DECIDE_H
#define VIPR_DECIDE_H

#include "connection.h"
#include "filter.h"
#include "schedule.h"
#include "sctp_state.h"
#include "tcp_state.h"

static __always_inline int opens_connection(const struct packet *packet)
{
	if (packet->flags & (PACKET_LATER_FRAGMENT | PACKET_EMBEDDED))
		return 0;
	if (packet->protocol == IPPROTO_TCP)
		return packet->flags & PACKET_SYN;
	return packet->protocol == IPPROTO_SCTP && packet->chunk == SCTP_INIT;
}

/* Whether an opening packet finds an entry that is to make way (ip_vs_core.c, is_new_conn_expected). */
static __always_inline int is_to_be_rescheduled(const struct settings *settings, const struct packet *packet,
						const struct connection *connection,
						const struct destination *destination)
{
	__u32 word = connection->word;
	__u32 state = word & CONNECTION_STATE;

	if ((settings->flags & SETTING_EXPIRE_NODEST_CONN) && !destination->weight)
		return 1;
	if (!settings->conn_reuse_mode || connection->link != LINK_NONE)
		return 0;
	if (packet->protocol == IPPROTO_SCTP)
		return state == SCTP_STATE_CLOSED;
	if (state == TCP_TIME_WAIT || state == TCP_CLOSE)
		return 1;
	return (settings->conn_reuse_mode & 2) && state == TCP_FIN_WAIT && (word & CONNECTION_NO_OUTPUT);
}

static __always_inline int is_local_destination(__u32 id)
{
	struct next_hop *hop = bpf_map_lookup_elem(&next_hops, &id);

	return hop && (hop->flags & NEXT_HOP_LOCAL);
}

static __always_inline void send_to_destination(struct verdict *verdict, struct connection *connection,
						const struct destination *destination)
{
	verdict->direction = DIRECTION_REQUEST;
	verdict->connection = connection;
	verdict->destination = connection->destination;
	verdict->method = method_of(connection);
	verdict->rewrite = verdict->method == METHOD_MASQUERADE;
	verdict->address = destination->address;
	verdict->port = connection->destination_port;
	verdict->action = verdict->method == METHOD_LOCAL || is_local_destination(connection->destination) ?
				  ACTION_LOCAL :
				  ACTION_FORWARD;
}

static __always_inline struct reply_hint *get_reply_hint(const struct packet *packet)
{
	__u32 slot = (filter_slot(&packet->source) ^ packet->source_port) & (REPLY_HINTS - 1);

	return bpf_map_lookup_elem(&reply_hints, &slot);
}

/*
 * The connection of a reply, if the hint about its server is right. Only a connection that leads there, and whose replies no newer one
 * took over, is the one: whatever the hint says, no other can be found.
 */
static __always_inline struct connection *find_by_hint(const struct packet *packet, struct flow6 *flow, __u64 now)
{
	struct reply_hint *hint = get_reply_hint(packet);
	struct connection *connection;
	struct destination *destination;

	if (!hint || !hint->virtual_port)
		return 0;
	flow->virtual = hint->virtual;
	flow->virtual_port = hint->virtual_port;
	connection = find_connection(packet->family, flow);
	if (!connection || is_absent(connection, now) || (connection->word & CONNECTION_REPLY_TAKEN) ||
	    method_of(connection) != METHOD_MASQUERADE || connection->destination_port != packet->source_port)
		return 0;
	destination = get_destination(connection->destination);
	return destination && same_address(&destination->address, &packet->source) ? connection : 0;
}

/* The connection of a reply of a masqueraded server; `flow` becomes its flow. */
static __always_inline struct connection *find_masqueraded(const struct packet *packet, struct flow6 *flow, __u64 now)
{
	struct connection *connection = find_by_hint(packet, flow, now);
	struct reply6 reply = {};
	struct reply_hint *hint;

	if (connection)
		return connection;
	flow_of_reply(packet, flow);
	if (!find_reply(packet->family, flow, &reply))
		return 0;
	flow->virtual = reply.virtual;
	flow->virtual_port = reply.virtual_port;
	connection = find_connection(packet->family, flow);
	if (!connection || is_absent(connection, now))
		return 0;
	hint = get_reply_hint(packet);
	if (hint) {
		hint->virtual = flow->virtual;
		hint->virtual_port = flow->virtual_port;
	}
	return connection;
}

/* 1 where the packet is a reply, and the verdict given. */
static __noinline int decide_reply(const struct packet *packet, struct verdict *verdict, __u8 source_bits, __u64 now)
{
	struct connection *connection;
	struct flow6 flow;

	flow_of_reply(packet, &flow);
	if (source_bits & FILTER_SERVER) {
		connection = find_masqueraded(packet, &flow, now);
		if (connection) {
			verdict->direction = DIRECTION_REPLY;
			verdict->connection = connection;
			verdict->destination = connection->destination;
			verdict->method = METHOD_MASQUERADE;
			verdict->rewrite = 1;
			verdict->address = flow.virtual;
			verdict->port = flow.virtual_port;
			verdict->action = ACTION_FORWARD;
			return 1;
		}
		flow_of_reply(packet, &flow);
	}
	connection = find_connection(packet->family, &flow);
	if (!connection || is_absent(connection, now) || method_of(connection) == METHOD_MASQUERADE)
		return 0;
	verdict->direction = DIRECTION_REPLY;
	verdict->connection = connection;
	verdict->destination = connection->destination;
	verdict->method = method_of(connection);
	verdict->action = ACTION_FORWARD;
	return 1;
}

/* A request that belongs to a connection. 0 where its entry made way, and it is to be scheduled anew. */
static __noinline int decide_known(const struct settings *settings, const struct packet *packet,
					struct verdict *verdict, const struct flow6 *flow, struct connection *connection)
{
	struct destination *destination = get_destination(connection->destination);

	verdict->action = ACTION_DROP;
	if (!destination)
		return 1;
	if (opens_connection(packet) && is_to_be_rescheduled(settings, packet, connection, destination)) {
		make_way(connection);
		return 0;
	}
	if (!(destination->flags & DESTINATION_AVAILABLE)) {
		if (!(settings->flags & SETTING_EXPIRE_NODEST_CONN)) {
			count_total(TOTAL_DESTINATION_GONE);
			return 1;
		}
		remove_connection(packet->family, flow, connection);
		return 0;
	}
	if (connection->word & CONNECTION_REPLY_TAKEN)
		retake_replies(packet->family, flow, connection, destination);
	send_to_destination(verdict, connection, destination);
	return 1;
}

/* ACTION_NEW, or what becomes of a packet without opening a connection. */
static __noinline void look_up(struct packet *packet, struct verdict *verdict)
{
	struct settings *settings = get_settings();
	__u8 source_bits = filter_bits(&packet->source);
	int any = settings && (settings->flags & SETTING_MARK_SERVICES);
	int to_virtual = any || (filter_bits(&packet->destination) & FILTER_VIRTUAL);
	__u64 now = bpf_jiffies64();
	struct connection *connection;
	struct flow6 flow;

	verdict->action = ACTION_PASS;
	verdict->direction = DIRECTION_REQUEST;
	verdict->method = 0;
	verdict->rewrite = 0;
	verdict->port = 0;
	verdict->zero = 0;
	verdict->destination = NO_ID;
	verdict->connection = 0;
	if (!settings)
		return;
	/* A backup leaves everything that clients send to the host (ip_vs_core.c, ip_vs_in_hook). */
	if (settings->flags & SETTING_BACKUP_ONLY)
		to_virtual = 0;
	if (to_virtual && !(packet->flags & PACKET_EGRESS)) {
		flow_of_request(packet, &flow);
		connection = find_connection(packet->family, &flow);
		if (connection && !is_absent(connection, now) &&
		    decide_known(settings, packet, verdict, &flow, connection))
			return;
		verdict->action = ACTION_PASS;
	}
	if ((any || source_bits) && decide_reply(packet, verdict, source_bits, now))
		return;
	if (!to_virtual || (packet->flags & (PACKET_EGRESS | PACKET_LATER_FRAGMENT)))
		return;
	if ((packet->flags & PACKET_EMBEDDED) && !(settings->flags & SETTING_SCHEDULE_ICMP))
		return;
	verdict->action = ACTION_NEW;
}

/* Takes the connection that the packet opened. */
static __noinline void take_opened(struct packet *packet, struct verdict *verdict)
{
	struct connection *connection;
	struct destination *destination;
	struct flow6 flow;

	verdict->action = ACTION_DROP;
	verdict->direction = DIRECTION_REQUEST;
	verdict->connection = 0;
	flow_of_request(packet, &flow);
	connection = find_connection(packet->family, &flow);
	if (!connection || is_absent(connection, bpf_jiffies64()))
		return;
	destination = get_destination(connection->destination);
	if (destination)
		send_to_destination(verdict, connection, destination);
}

/* Inline, so that neither look-up nor scheduling is on the stack of the other. */
static __always_inline void decide(struct packet *packet, struct verdict *verdict)
{
	int action;

	look_up(packet, verdict);
	if (verdict->action != ACTION_NEW)
		return;
	action = schedule(packet, verdict);
	if (action == ACTION_FORWARD && verdict->destination == NO_ID) {
		take_opened(packet, verdict);
		return;
	}
	verdict->direction = DIRECTION_REQUEST;
	verdict->connection = 0;
	verdict->action = action;
	if (action == ACTION_FORWARD && is_local_destination(verdict->destination))
		verdict->action = ACTION_LOCAL;
}

#endif
