/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Which virtual service a packet is for (ip_vs_ctl.c, ip_vs_service_find). */
#ifndef VIPR_SERVICE_H
#define VIPR_SERVICE_H

#include "packet.h"
#include "setting.h"

#define FTP_PORT 21
#define FTP_DATA_PORT 20

struct found_service {
	struct service *service;
	__u32 mark; /* 0 where it was found by its address */
	__be16 port; /* of the service */
};

static __always_inline struct service *service_on(const struct packet *packet, __be16 port)
{
	struct service_key key = {
		.family = packet->family,
		.protocol = packet->protocol,
		.port = port,
		.address = packet->destination,
	};

	return bpf_map_lookup_elem(&services, &key);
}

static __always_inline struct service *service_of_mark(const struct packet *packet)
{
	struct service_key key = { .family = packet->family, .address = { .word = { packet->mark } } };

	return bpf_map_lookup_elem(&services, &key);
}

/* FTP's data connections belong to the service on its control port. */
static __always_inline int may_be_ftp_data(const struct settings *settings, const struct packet *packet)
{
	__u16 port = bpf_ntohs(packet->destination_port);

	return packet->protocol == IPPROTO_TCP &&
	       (port == FTP_DATA_PORT || port >= settings->unprivileged_port_start);
}

static __noinline void find_service(const struct settings *settings, const struct packet *packet,
					 struct found_service *found)
{
	found->mark = 0;
	found->port = 0;
	found->service = 0;
	if (packet->mark && (settings->flags & SETTING_MARK_SERVICES)) {
		found->service = service_of_mark(packet);
		if (found->service) {
			found->mark = packet->mark;
			return;
		}
	}
	found->port = packet->destination_port;
	found->service = service_on(packet, found->port);
	if (found->service)
		return;
	if ((settings->flags & SETTING_FTP_SERVICES) && may_be_ftp_data(settings, packet)) {
		found->port = bpf_htons(FTP_PORT);
		found->service = service_on(packet, found->port);
		if (found->service)
			return;
	}
	if (settings->flags & SETTING_ANY_PORT_SERVICES) {
		found->port = 0;
		found->service = service_on(packet, 0);
	}
}

#endif
