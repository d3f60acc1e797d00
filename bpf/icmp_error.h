/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* The errors that are sent, in the words of both families (RFC 792, RFC 1191, RFC 4443). */
#ifndef VIPR_ICMP_ERROR_H
#define VIPR_ICMP_ERROR_H

#include "packet.h"
#include "quote.h"

struct icmp_error {
	__u8 type;
	__u8 code;
	__u16 zero;
	__be32 detail; /* the word behind the checksum */
};

enum icmp_kind {
	ICMP_KIND_PORT_UNREACHABLE,
	ICMP_KIND_HOST_UNREACHABLE,
	ICMP_KIND_TIME_EXCEEDED,
	ICMP_KIND_TOO_BIG,
};

/* An error in the place of a verdict of tc, all of which are less: its kind, and an MTU of at most 65535. */
#define ANSWER(kind, mtu) (0x40000000 | (kind) | ((mtu) & 0xffff) << 8)

static __always_inline int is_answer(int verdict)
{
	return verdict >= 0x40000000;
}

#define ICMP_FRAGMENTATION_NEEDED 4 /* code of ICMP_UNREACHABLE */
#define ICMPV6_UNREACHABLE 1
#define ICMPV6_TOO_BIG 2
#define ICMPV6_TIME_EXCEEDED 3

/* `mtu` only with ICMP_KIND_TOO_BIG. */
static __always_inline void describe_error(__u8 family, enum icmp_kind kind, __u32 mtu, struct icmp_error *error)
{
	int v6 = family == AF_INET6;

	error->detail = 0;
	switch (kind) {
	case ICMP_KIND_PORT_UNREACHABLE:
		error->type = v6 ? ICMPV6_UNREACHABLE : ICMP_UNREACHABLE;
		error->code = v6 ? 4 : 3;
		break;
	case ICMP_KIND_HOST_UNREACHABLE:
		error->type = v6 ? ICMPV6_UNREACHABLE : ICMP_UNREACHABLE;
		error->code = v6 ? 3 : 1;
		break;
	case ICMP_KIND_TIME_EXCEEDED:
		error->type = v6 ? ICMPV6_TIME_EXCEEDED : ICMP_TIME_EXCEEDED;
		error->code = 0;
		break;
	case ICMP_KIND_TOO_BIG:
		error->type = v6 ? ICMPV6_TOO_BIG : ICMP_UNREACHABLE;
		error->code = v6 ? 0 : ICMP_FRAGMENTATION_NEEDED;
		error->detail = bpf_htonl(mtu);
		break;
	}
}

static __always_inline int is_too_big(__u8 family, __u8 type, __u8 code)
{
	if (family == AF_INET6)
		return type == ICMPV6_TOO_BIG;
	return type == ICMP_UNREACHABLE && code == ICMP_FRAGMENTATION_NEEDED;
}

#endif
