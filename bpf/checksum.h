/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* The Internet checksum (RFC 1071) and its incremental update (RFC 1624). Sums are over words as they lie in memory. */
#ifndef VIPR_CHECKSUM_H
#define VIPR_CHECKSUM_H

#include "packet.h"

static __always_inline __u16 fold_sum(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* A checksum after what it covers changed by `difference`. */
static __always_inline __u16 update_checksum(__u16 checksum, __u64 difference)
{
	return ~fold_sum((__u16)~checksum + difference);
}

static __always_inline __u64 difference16(__u16 before, __u16 after)
{
	return (__u64)(__u16)~before + after;
}

static __always_inline __u64 sum_address(__u8 family, const struct address *address)
{
	__u64 sum = address->word[0];

	if (family == AF_INET6)
		sum += (__u64)address->word[1] + address->word[2] + address->word[3];
	return sum;
}

static __always_inline __u64 difference_of_addresses(__u8 family, const struct address *before,
						     const struct address *after)
{
	__u64 difference = (__u64)(__u32)~before->word[0] + after->word[0];

	if (family == AF_INET6) {
		difference += (__u64)(__u32)~before->word[1] + after->word[1];
		difference += (__u64)(__u32)~before->word[2] + after->word[2];
		difference += (__u64)(__u32)~before->word[3] + after->word[3];
	}
	return difference;
}

#endif
