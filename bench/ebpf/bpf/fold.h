/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* The Internet checksum of the benchmarks' own packets (RFC 1071), before its complement. */
#ifndef BENCH_FOLD_H
#define BENCH_FOLD_H

static __always_inline __u16 fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

#endif
