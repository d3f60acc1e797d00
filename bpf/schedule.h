/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* A packet that may open a connection: service, template, destination, entry (ip_vs_core.c, ip_vs_schedule and ip_vs_sched_persist). */
#ifndef VIPR_SCHEDULE_H
#define VIPR_SCHEDULE_H

#include "connection.h"
#include "scratch.h"
#include "sctp_state.h"
#include "select.h"
#include "service.h"
#include "sync_report.h"
#include "template.h"

/* Seconds that a new entry lives until its first packet moves it on (ip_vs_conn.c, ip_vs_conn_new). */
#define NEW_CONNECTION_SECONDS 3

/* How many more packets drop_packet lets pass. */
__u32 drop_packet_countdown;

static __always_inline int may_open(const struct settings *settings, const struct packet *packet)
{
	/* schedule_icmp: an error quotes too little to tell. */
	if (packet->flags & PACKET_EMBEDDED)
		return 1;
	switch (packet->protocol) {
	case IPPROTO_TCP:
		if (packet->flags & PACKET_RST)
			return 0;
		return (packet->flags & PACKET_SYN) || (settings->flags & SETTING_SLOPPY_TCP);
	case IPPROTO_SCTP:
		if (packet->chunk == SCTP_ABORT)
			return 0;
		return packet->chunk == SCTP_INIT || (settings->flags & SETTING_SLOPPY_SCTP);
	default:
		return 1;
	}
}

/* The defence drop_packet: every so many-th packet that would open a connection (ip_vs.h, ip_vs_todrop). */
static __always_inline int is_dropped_by_defence(const struct settings *settings)
{
	if (!(settings->flags & SETTING_DROP_PACKET))
		return 0;
	if ((__s32)__sync_fetch_and_sub(&drop_packet_countdown, 1) > 1)
		return 0;
	drop_packet_countdown = settings->drop_packet_rate;
	return 1;
}

static __always_inline __u8 link_of(const struct packet *packet, const struct found_service *found)
{
	if (found->mark)
		return LINK_MARK;
	if (packet->destination_port == found->port && found->port != bpf_htons(FTP_PORT))
		return LINK_PORT;
	return LINK_ANY_PORT;
}

/* The port that a connection without a template goes to is the destination's own; one of a template's only where the service has a port. */
static __always_inline __be16 destination_port_of(const struct packet *packet, const struct found_service *found,
						  const struct destination *destination)
{
	int persistent = found->service->flags & SERVICE_PERSISTENT;

	if (!destination->port || (persistent && packet->destination_port != found->port))
		return packet->destination_port;
	return destination->port;
}

static __always_inline int is_usable_template(const struct settings *settings, const struct connection *template)
{
	struct destination *destination = get_destination(template->destination);

	if (!destination || !(destination->flags & DESTINATION_AVAILABLE))
		return 0;
	return destination->weight || !(settings->flags & SETTING_EXPIRE_QUIESCENT_TEMPLATE);
}

/* The destination of a client by its template, or NO_ID where it has none, or one that is not usable any more. */
static __noinline __u32 find_by_template(const struct settings *settings, __u8 family, struct scratch *scratch)
{
	struct connection *template = find_connection(family, &scratch->template);
	__u64 now = bpf_jiffies64();

	if (!template)
		return NO_ID;
	if (is_absent(template, now)) {
		if (!template->controlled) {
			remove_connection(family, &scratch->template, template);
			return NO_ID;
		}
		pin_template(settings, template, now);
	}
	if (!is_usable_template(settings, template))
		return NO_ID;
	template->expires = now + template->timeout;
	return template->destination;
}

/*
 * Makes the client's template for the destination that was chosen, or makes the one that is there anew: it keeps counting the
 * connections that hang on it. Returns the destination, which may be that of another CPU's choice; NO_ID where the table is full.
 */
static __noinline __u32 set_template(const struct settings *settings, __u8 family, const struct service *service,
				     struct scratch *scratch, __u32 id)
{
	struct connection *template = find_connection(family, &scratch->template);
	struct destination *destination = get_destination(id);
	struct connection *fresh = &scratch->fresh;
	__u64 now = bpf_jiffies64();

	if (!destination)
		return NO_ID;
	__builtin_memset(fresh, 0, sizeof(*fresh));
	fresh->timeout = service->persistence_timeout;
	fresh->expires = now + fresh->timeout;
	fresh->destination = id;
	fresh->word = word_of_template(destination);
	fresh->destination_port = scratch->template.virtual_port ? destination->port : 0;
	if (template) {
		__u32 before = template->destination;

		/* Another CPU may have made it, or made it anew, since it was looked for. */
		if (is_usable_template(settings, template) || !lead_template(template, before, fresh))
			return template->destination;
		return id;
	}
	if (insert_connection(family, &scratch->template, fresh)) {
		template = find_connection(family, &scratch->template);
		if (template)
			return template->destination;
		count_total(TOTAL_TABLE_FULL);
		return NO_ID;
	}
	bind_template(id);
	count_total(TOTAL_CONNECTIONS_ADDED);
	return id;
}

/* How the template of a new connection is found, where it has one. */
struct template_choice {
	__be32 netmask; /* as struct connection has it */
	__u8 link; /* enum template_link */
};

/* Hangs the new connection on its template, before it is in the table: whoever removes it never takes away more than was given. */
static __always_inline void hang_on_template(__u8 family, struct scratch *scratch, const struct template_choice *choice)
{
	struct connection *template = find_connection(family, &scratch->template);

	if (!template)
		return;
	__sync_fetch_and_add(&template->controlled, 1);
	scratch->fresh.netmask = choice->netmask;
	scratch->fresh.link = choice->link;
}

/* The connection of the client's packets from now on, which may be that of another CPU. 0, or -1 where the table is full. */
static __noinline int open_connection(const struct settings *settings, struct packet *packet,
				      const struct found_service *found, const struct template_choice *choice, __u32 id)
{
	struct destination *destination = get_destination(id);
	struct scratch *scratch = get_scratch();
	__u64 now = bpf_jiffies64();
	struct connection *fresh;
	int added;

	if (!destination || !scratch)
		return -1;
	fresh = &scratch->fresh;
	__builtin_memset(fresh, 0, sizeof(*fresh));
	fresh->timeout = NEW_CONNECTION_SECONDS * settings->hz;
	fresh->expires = now + fresh->timeout;
	fresh->destination = id;
	fresh->word = CONNECTION_INACTIVE | (__u32)(destination->method & 7) << CONNECTION_METHOD_SHIFT;
	if (destination->method != METHOD_MASQUERADE)
		fresh->word |= CONNECTION_NO_OUTPUT;
	fresh->firewall_mark = found->mark;
	fresh->destination_port = destination_port_of(packet, found, destination);
	if (choice->link != LINK_NONE)
		hang_on_template(packet->family, scratch, choice);
	added = add_connection(packet->family, &scratch->flow, fresh);
	if (added && fresh->link != LINK_NONE)
		release_template(packet->family, &scratch->flow, fresh);
	return added < 0 ? -1 : 0;
}

/* Nobody takes it: FTP's service leaves other ports to the host's own stack, an ICMP error is answered with nothing. */
static __always_inline int leave(const struct packet *packet, const struct found_service *found)
{
	if (found->port == bpf_htons(FTP_PORT) && packet->destination_port != found->port)
		return ACTION_PASS;
	return packet->flags & PACKET_EMBEDDED ? ACTION_DROP : ACTION_REJECT;
}

/* What goes to a destination without an entry: one datagram of a one-packet service. */
static __always_inline int forward_one(struct packet *packet, struct verdict *verdict,
				       const struct found_service *found, __u32 id)
{
	struct destination *destination = get_destination(id);

	if (!destination)
		return ACTION_DROP;
	count_scheduled(id, destination->service);
	verdict->destination = id;
	verdict->method = destination->method;
	verdict->rewrite = destination->method == METHOD_MASQUERADE;
	verdict->address = destination->address;
	verdict->port = destination_port_of(packet, found, destination);
	return ACTION_FORWARD;
}

/*
 * An enum verdict_action. ACTION_FORWARD: `verdict` holds where a one-packet service's datagram goes, or its destination is NO_ID
 * and the connection is in the table by now. Global, so that it is verified once for all programs.
 */
__noinline int schedule(struct packet *packet, struct verdict *verdict)
{
	struct settings *settings = get_settings();
	struct template_choice choice = { .link = LINK_NONE };
	struct scratch *scratch = get_scratch();
	struct found_service found;
	struct service *service;
	int one_packet, made_way;
	__u32 id;

	if (!packet || !verdict || !settings || !scratch)
		return ACTION_PASS;
	if (!may_open(settings, packet))
		return ACTION_PASS;
	find_service(settings, packet, &found);
	service = found.service;
	if (!service)
		return ACTION_PASS;
	one_packet = (service->flags & SERVICE_ONE_PACKET) && packet->protocol == IPPROTO_UDP;
	if (one_packet && (packet->flags & PACKET_FAST))
		return ACTION_PUNT;
	if (is_dropped_by_defence(settings)) {
		count_total(TOTAL_DROP_PACKET);
		return ACTION_DROP;
	}
	/* FTP's data connections from a server to the client. */
	if (packet->source_port == bpf_htons(FTP_DATA_PORT))
		return ACTION_PASS;
	flow_of_request(packet, &scratch->flow);
	/* What expired goes before anybody is chosen, as it would count for the load of its server. */
	made_way = one_packet ? 0 : clear_absent(packet->family, &scratch->flow, bpf_jiffies64(), 1);
	if (made_way < 0)
		return ACTION_DROP;
	id = NO_ID;
	if (service->flags & SERVICE_PERSISTENT) {
		choice.link = link_of(packet, &found);
		choice.netmask = packet->family == AF_INET ? service->netmask : service->prefix_length;
		template_flow(packet->family, &scratch->flow, choice.link, choice.netmask, found.mark, &scratch->template);
		id = find_by_template(settings, packet->family, scratch);
	} else if (!found.mark && found.port != packet->destination_port) {
		/* A service on port 0 takes clients only if it is persistent. */
		return leave(packet, &found);
	}
	if (id == NO_ID) {
		id = select_destination(packet, service->id, service->flags);
		if (id == NO_ID)
			return leave(packet, &found);
		if (choice.link != LINK_NONE)
			id = set_template(settings, packet->family, service, scratch, id);
		if (id == NO_ID)
			return ACTION_DROP;
	}
	if (one_packet) {
		if (choice.link != LINK_NONE && (settings->flags & SETTING_SYNC_MASTER))
			report_template(settings, packet->family, &scratch->template);
		return forward_one(packet, verdict, &found, id);
	}
	verdict->destination = NO_ID;
	if (made_way && clear_absent(packet->family, &scratch->flow, bpf_jiffies64(), 0))
		return ACTION_DROP;
	return open_connection(settings, packet, &found, &choice, id) ? ACTION_DROP : ACTION_FORWARD;
}

#endif
