/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* The extension headers between IPv6 and what it carries. */
#ifndef VIPR_IPV6_HEADERS_H
#define VIPR_IPV6_HEADERS_H

#include "ip.h"

#define IPV6_HEADERS 6 /* more than these nobody sends: such a packet is left to the host's own stack */

enum fragment_kind {
	FRAGMENT_NONE,
	FRAGMENT_FIRST,
	FRAGMENT_LATER,
};

struct ipv6_headers {
	__u32 offset; /* of the header `protocol`, from the start of the frame */
	__u32 identification;
	__u8 protocol;
	__u8 fragment; /* enum fragment_kind */
	__u16 zero;
};

static __always_inline int is_extension(__u8 protocol)
{
	return protocol == IPV6_HOP_BY_HOP || protocol == IPV6_ROUTING || protocol == IPV6_FRAGMENT ||
	       protocol == IPV6_DESTINATION_OPTIONS;
}

/*
 * Goes on to the header that is no extension, or to a later fragment's data. -1 where there are too many, or a routing header
 * that is not done: the destination is another then.
 */
static __noinline int skip_ipv6_headers(struct __sk_buff *context, struct ipv6_headers *headers)
{
	__u8 header[8];
	int index;

	for (index = 0; index < IPV6_HEADERS; index++) {
		__u8 protocol = headers->protocol;

		if (!is_extension(protocol))
			return 0;
		if (bpf_skb_load_bytes(context, headers->offset, header, sizeof(header)))
			return -1;
		if (protocol == IPV6_ROUTING && header[3])
			return -1;
		headers->protocol = header[0];
		if (protocol != IPV6_FRAGMENT) {
			headers->offset += (header[1] + 1) * 8;
			continue;
		}
		headers->offset += 8;
		headers->identification = *(__be32 *)(header + 4);
		/* Neither offset nor more to come: whole, and only dressed as a fragment (RFC 6946). */
		if (*(__be16 *)(header + 2) & bpf_htons(0xfff8)) {
			headers->fragment = FRAGMENT_LATER;
			return 0;
		}
		if (header[3] & 1)
			headers->fragment = FRAGMENT_FIRST;
	}
	return is_extension(headers->protocol) ? -1 : 0;
}

#endif
