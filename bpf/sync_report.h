/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * What a master tells its backups, and when (ip_vs_sync.c, ip_vs_sync_conn_needed). The rule is that of IPVS with more told, so that a
 * backup loses nothing: a connection the moment it is established, and whatever the numbers before its end there comes near.
 */
#ifndef VIPR_SYNC_REPORT_H
#define VIPR_SYNC_REPORT_H

#include "connection.h"
#include "sctp_state.h"
#include "tcp_state.h"

/* The states in which backups hear of a connection: a flood of SYNs is not passed on. */
#define TOLD_TCP_STATES                                                                                                \
	(1u << TCP_ESTABLISHED | 1u << TCP_FIN_WAIT | 1u << TCP_CLOSE | 1u << TCP_CLOSE_WAIT | 1u << TCP_TIME_WAIT)
#define TOLD_SCTP_STATES                                                                                               \
	(1u << SCTP_STATE_ESTABLISHED | 1u << SCTP_STATE_SHUTDOWN_SENT | 1u << SCTP_STATE_SHUTDOWN_RECEIVED |           \
	 1u << SCTP_STATE_SHUTDOWN_ACK_SENT | 1u << SCTP_STATE_CLOSED)

/* The low bits of connection.reported. */
#define REPORTED_RETRIES 3ULL
/* Seconds: templates are told again when their end moved that far; no refresh period spares more of connections that live short. */
#define REPORT_SECONDS 10

/* Part of a timeout: backups are told again when the end moved on by it. */
#define TIMEOUT_PART 4
/* Part of the refresh period: how long a retry waits. */
#define RETRY_PART 8

static __always_inline __u64 distance(__u64 one, __u64 other)
{
	return one > other ? one - other : other - one;
}

/*
 * Tells backups how an entry stands. It is noted as told first, and copied then: what another CPU changes meanwhile is either in the
 * copy, or is seen as changed by the next packet. `changed`: also where another CPU told of it at the same time.
 */
static __always_inline void report_entry(__u32 family, const struct flow6 *flow, struct connection *connection,
					 __u64 before, __u64 after, int changed)
{
	struct sync_event *event = bpf_ringbuf_reserve(&sync_events, sizeof(*event), 0);

	if (!event) {
		count_total(TOTAL_SYNC_LOST);
		return;
	}
	if (__sync_val_compare_and_swap(&connection->reported, before, after) != before && !changed) {
		bpf_ringbuf_discard(event, BPF_RB_NO_WAKEUP);
		return;
	}
	connection->reported_state = connection->word & CONNECTION_STATE;
	event->flow = *flow;
	event->family = family;
	event->zero = 0;
	event->connection = *connection;
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
}

/* Whether a request is one at which backups are told again, by its number alone. */
static __always_inline int is_due_by_number(const struct settings *settings, __u32 packets)
{
	if (settings->sync_period)
		return packets % settings->sync_period == settings->sync_threshold;
	return settings->sync_refresh || packets == settings->sync_threshold;
}

/* The same of a connection that backups do not know: a packet that was missed is made up for. */
static __always_inline int is_due_first(const struct settings *settings, __u32 packets)
{
	return packets >= settings->sync_threshold || (settings->sync_refresh && !settings->sync_period);
}

/*
 * The new end as it is to be noted, or 0 where backups need not be told again. Replies, by which IPVS tells nothing, count for the quarter
 * of the timeout only: they keep a connection alive, too.
 */
static __always_inline __u64 due_again(const struct settings *settings, const struct connection *connection, __u64 now,
				       int reply)
{
	__u32 timeout = connection->timeout;
	__u64 told = connection->reported & ~REPORTED_RETRIES;
	__u64 end = (now + timeout) & ~REPORTED_RETRIES;
	__u64 moved = distance(end, told);
	__u64 enough = timeout / 2;
	__u64 retries;

	if (moved && moved >= timeout / TIMEOUT_PART)
		return end;
	if (reply)
		return 0;
	if (settings->sync_refresh) {
		if (enough < (__u64)REPORT_SECONDS * settings->hz)
			enough = (__u64)REPORT_SECONDS * settings->hz;
		if (moved < settings->sync_refresh && moved < enough) {
			retries = connection->reported & REPORTED_RETRIES;
			if (retries >= settings->sync_retries ||
			    now + timeout < told + settings->sync_refresh / RETRY_PART)
				return 0;
			end |= retries + 1;
		}
	}
	return is_due_by_number(settings, connection->packets) ? end : 0;
}

static __always_inline void report_if_due(const struct settings *settings, __u32 family, const struct flow6 *flow,
					  struct connection *connection, int reply)
{
	__u64 now = bpf_jiffies64();
	__u64 told = connection->reported;
	__u64 end = (now + connection->timeout) & ~REPORTED_RETRIES;
	__u32 state = connection->word & CONNECTION_STATE;
	int changed = 0;

	if ((settings->flags & SETTING_SYNC_PERSIST_MODE) && connection->link != LINK_NONE)
		return;
	if (flow->protocol == IPPROTO_TCP || flow->protocol == IPPROTO_SCTP) {
		if (!((flow->protocol == IPPROTO_TCP ? TOLD_TCP_STATES : TOLD_SCTP_STATES) >> (state & 31) & 1))
			return;
		changed = !told || state != connection->reported_state;
	}
	if (!changed && told)
		end = due_again(settings, connection, now, reply);
	else if (!changed && !is_due_first(settings, connection->packets))
		end = 0;
	if (end)
		report_entry(family, flow, connection, told, end, changed);
}

/*
 * A template is told when it is new or leads elsewhere, and then every few seconds while its connections have packets, with each of which
 * IPVS tells it: so it lives on there for as long as they do.
 */
static __noinline void report_template(const struct settings *settings, __u32 family, const struct flow6 *flow)
{
	struct connection *template = find_connection(family, flow);
	__u64 told, end, moved;
	__u32 part;

	if (!template || (template->word & CONNECTION_DYING))
		return;
	told = template->reported;
	end = (bpf_jiffies64() + template->timeout) & ~REPORTED_RETRIES;
	part = template->timeout / TIMEOUT_PART;
	if (part > REPORT_SECONDS * settings->hz)
		part = REPORT_SECONDS * settings->hz;
	moved = distance(end, told);
	if (!told || (moved && moved >= part))
		report_entry(family, flow, template, told, end, 0);
}

#define REPORT_REPLY 1u
#define REPORT_TEMPLATE 2u

/*
 * Tells backups of a connection after a packet, if that is due, and of its template; `what`: REPORT_*. Its flow is in the scratch, where
 * nothing is opened any more: the stack has no room. Global, so that it is verified once for all programs, which is why it knows nothing of
 * the packet. It returns nothing of interest.
 */
__noinline int report_flow(__u32 family, struct connection *connection, __u32 what)
{
	struct settings *settings = get_settings();
	struct scratch *scratch = get_scratch();

	if (!connection || !settings || !scratch)
		return 0;
	report_if_due(settings, family, &scratch->flow, connection, what & REPORT_REPLY);
	if (!(what & REPORT_TEMPLATE) || connection->link == LINK_NONE)
		return 0;
	template_flow(family, &scratch->flow, connection->link, connection->netmask, connection->firewall_mark,
		      &scratch->template);
	report_template(settings, family, &scratch->template);
	return 0;
}

static __noinline void report_packet(const struct packet *packet, const struct verdict *verdict, int with_template)
{
	struct scratch *scratch = get_scratch();

	if (!scratch || !verdict->connection)
		return;
	flow_of_connection(packet, verdict, &scratch->flow);
	report_flow(packet->family, verdict->connection,
		    (verdict->direction == DIRECTION_REPLY ? REPORT_REPLY : 0) | (with_template ? REPORT_TEMPLATE : 0));
}

#endif
