/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* What a packet that goes on leaves behind: counters, the state of its connection, its timer. */
#ifndef VIPR_ACCOUNT_H
#define VIPR_ACCOUNT_H

#include "connection.h"
#include "sctp_state.h"
#include "sync_report.h"
#include "tcp_state.h"

/* The template of a connection that was established, or answered: drop_entry spares it. */
static __noinline void assure_template(__u8 family, const struct packet *packet, const struct verdict *verdict,
				       struct connection *connection)
{
	struct connection *template;
	struct flow6 flow, key;

	flow_of_connection(packet, verdict, &flow);
	template_flow(family, &flow, connection->link, connection->netmask, connection->firewall_mark, &key);
	template = find_connection(family, &key);
	if (template)
		__sync_fetch_and_or(&template->word, CONNECTION_ASSURED);
}

static __always_inline __u32 next_state(const struct settings *settings, const struct packet *packet, __u32 state,
					__u32 direction)
{
	if (packet->protocol == IPPROTO_TCP)
		return next_tcp_state(state, direction, packet->flags, settings->flags & SETTING_SECURE_TCP);
	if (packet->protocol == IPPROTO_SCTP)
		return next_sctp_state(state, direction, packet->chunk);
	return state;
}

static __always_inline __u32 timeout_of(const struct settings *settings, __u8 protocol, __u32 state)
{
	if (protocol == IPPROTO_TCP)
		return state < TCP_STATES ? settings->expire_tcp[state] : 0;
	if (protocol == IPPROTO_SCTP)
		return state < SCTP_STATES ? settings->expire_sctp[state] : 0;
	return settings->expire_udp;
}

static __always_inline int is_active_state(__u8 protocol, __u32 state)
{
	if (protocol == IPPROTO_TCP)
		return is_active_tcp(state);
	return protocol == IPPROTO_SCTP && is_active_sctp(state);
}

static __always_inline int is_established(__u8 protocol, __u32 state)
{
	return state == (protocol == IPPROTO_TCP ? TCP_ESTABLISHED : SCTP_STATE_ESTABLISHED);
}

/* The word after this packet. Another CPU may have changed it meanwhile: whoever comes second leaves it, its packet was as good as later. */
static __always_inline void move_state(const struct settings *settings, const struct packet *packet,
				       const struct verdict *verdict, struct connection *connection)
{
	int reply = verdict->direction == DIRECTION_REPLY;
	__u32 before = connection->word;
	__u32 after = reply ? before & ~CONNECTION_NO_OUTPUT : before;
	__u32 direction = reply ? 1 : (before & CONNECTION_NO_OUTPUT) ? 2 : 0;
	__u32 state = next_state(settings, packet, before & CONNECTION_STATE, direction);
	int active = is_active_state(packet->protocol, state);
	int assures;

	after = (after & ~(CONNECTION_STATE | CONNECTION_INACTIVE)) | (state & CONNECTION_STATE) |
		(active ? 0 : CONNECTION_INACTIVE);
	assures = connection->link != LINK_NONE && !(before & CONNECTION_ASSURED) &&
		  (packet->protocol == IPPROTO_UDP ? reply : is_established(packet->protocol, state));
	if (assures)
		after |= CONNECTION_ASSURED;
	connection->timeout = timeout_of(settings, packet->protocol, state);
	if (after == before)
		return;
	if (__sync_val_compare_and_swap(&connection->word, before, after) != before)
		return;
	if ((before ^ after) & CONNECTION_INACTIVE)
		move_between_counts(connection->destination, active);
	if (assures)
		assure_template(packet->family, packet, verdict, connection);
}

static __always_inline void account(const struct packet *packet, const struct verdict *verdict)
{
	struct connection *connection = verdict->connection;
	int reply = verdict->direction == DIRECTION_REPLY;
	struct destination *destination = get_destination(verdict->destination);
	struct settings *settings;
	int moved;
	__u64 expires;

	count_total(TOTAL_PACKETS);
	if (destination)
		count_packet(verdict->destination, destination, reply, packet->length);
	settings = get_settings();
	if (!connection || !settings || (packet->flags & PACKET_EMBEDDED))
		return;
	if (!reply)
		connection->packets += 1;
	if (!(packet->flags & PACKET_LATER_FRAGMENT))
		move_state(settings, packet, verdict, connection);
	expires = bpf_jiffies64() + connection->timeout;
	/* Not to dirty the entry's line for every packet. */
	moved = connection->expires != expires;
	if (moved)
		connection->expires = expires;
	/* Nor to look for the template: it is told by its end, which is that of the first packet or moves no more often. */
	if (settings->flags & SETTING_SYNC_MASTER)
		report_packet(packet, verdict, moved || connection->packets <= 1);
}

#endif
