/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Connections and replies by their flows. A flow of either family is a struct flow6 here, an IPv4 address in the first word;
 * which maps it goes to, the family says.
 */
#ifndef VIPR_FLOW_H
#define VIPR_FLOW_H

#include "maps.h"
#include "packet.h"

static __always_inline void flow_of_request(const struct packet *packet, struct flow6 *flow)
{
	flow->client = packet->source;
	flow->virtual = packet->destination;
	flow->client_port = packet->source_port;
	flow->virtual_port = packet->destination_port;
	flow->protocol = packet->protocol;
	flow->kind = FLOW_CONNECTION;
	flow->zero = 0;
}

static __always_inline void flow_of_reply(const struct packet *packet, struct flow6 *flow)
{
	flow->client = packet->destination;
	flow->virtual = packet->source;
	flow->client_port = packet->destination_port;
	flow->virtual_port = packet->source_port;
	flow->protocol = packet->protocol;
	flow->kind = FLOW_CONNECTION;
	flow->zero = 0;
}

/* The flow of the connection of a packet that was decided about. */
static __always_inline void flow_of_connection(const struct packet *packet, const struct verdict *verdict, struct flow6 *flow)
{
	if (verdict->direction != DIRECTION_REPLY) {
		flow_of_request(packet, flow);
		return;
	}
	flow_of_reply(packet, flow);
	if (verdict->rewrite) {
		flow->virtual = verdict->address;
		flow->virtual_port = verdict->port;
	}
}

static __always_inline struct flow4 narrow_flow(const struct flow6 *flow)
{
	struct flow4 narrow = {
		.client = flow->client.word[0],
		.virtual = flow->virtual.word[0],
		.client_port = flow->client_port,
		.virtual_port = flow->virtual_port,
		.protocol = flow->protocol,
		.kind = flow->kind,
	};

	return narrow;
}

static __always_inline struct connection *find_connection(__u8 family, const struct flow6 *flow)
{
	struct flow4 narrow;

	if (family != AF_INET)
		return bpf_map_lookup_elem(&connections6, flow);
	narrow = narrow_flow(flow);
	return bpf_map_lookup_elem(&connections4, &narrow);
}

static __always_inline long insert_connection(__u8 family, const struct flow6 *flow, const struct connection *connection)
{
	struct flow4 narrow;

	if (family != AF_INET)
		return bpf_map_update_elem(&connections6, flow, connection, BPF_NOEXIST);
	narrow = narrow_flow(flow);
	return bpf_map_update_elem(&connections4, &narrow, connection, BPF_NOEXIST);
}

static __always_inline long delete_connection(__u8 family, const struct flow6 *flow)
{
	struct flow4 narrow;

	if (family != AF_INET)
		return bpf_map_delete_elem(&connections6, flow);
	narrow = narrow_flow(flow);
	return bpf_map_delete_elem(&connections4, &narrow);
}

/* Finds the flow whose replies come from `server`, a flow with the server's address and port for the virtual ones. */
static __always_inline int find_reply(__u8 family, const struct flow6 *server, struct reply6 *found)
{
	if (family == AF_INET) {
		struct flow4 narrow = narrow_flow(server);
		struct reply4 *reply = bpf_map_lookup_elem(&replies4, &narrow);

		if (!reply)
			return 0;
		found->virtual.word[0] = reply->virtual;
		found->virtual_port = reply->virtual_port;
		return 1;
	}
	struct reply6 *reply = bpf_map_lookup_elem(&replies6, server);

	if (!reply)
		return 0;
	found->virtual = reply->virtual;
	found->virtual_port = reply->virtual_port;
	return 1;
}

/* A newer connection of the same client port to the same server by another VIP takes the reply over, as in IPVS. */
static __always_inline long insert_reply(__u8 family, const struct flow6 *server, const struct flow6 *flow)
{
	if (family == AF_INET) {
		struct flow4 narrow = narrow_flow(server);
		struct reply4 reply = { .virtual = flow->virtual.word[0], .virtual_port = flow->virtual_port };

		return bpf_map_update_elem(&replies4, &narrow, &reply, BPF_ANY);
	}
	struct reply6 reply = { .virtual = flow->virtual, .virtual_port = flow->virtual_port };

	return bpf_map_update_elem(&replies6, server, &reply, BPF_ANY);
}

static __always_inline int same_address(const struct address *one, const struct address *other)
{
	return one->word[0] == other->word[0] && one->word[1] == other->word[1] &&
	       one->word[2] == other->word[2] && one->word[3] == other->word[3];
}

/* Only the reply that leads to this flow: a newer connection may have taken it over. */
static __always_inline void delete_reply(__u8 family, const struct flow6 *server, const struct flow6 *flow)
{
	struct reply6 found = {};

	if (!find_reply(family, server, &found))
		return;
	if (found.virtual_port != flow->virtual_port || !same_address(&found.virtual, &flow->virtual))
		return;
	if (family == AF_INET) {
		struct flow4 narrow = narrow_flow(server);

		bpf_map_delete_elem(&replies4, &narrow);
	} else {
		bpf_map_delete_elem(&replies6, server);
	}
}

/* The flow of the replies of a masqueraded connection. */
static __always_inline struct flow6 server_flow(const struct flow6 *flow, const struct destination *destination, __be16 port)
{
	struct flow6 server = *flow;

	server.virtual = destination->address;
	server.virtual_port = port;
	return server;
}

#endif
