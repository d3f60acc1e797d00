/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* SipHash-1-3 of four bytes (Aumasson and Bernstein, 2012): what a 64-bit kernel's hsiphash is, the low half of the result. */
#ifndef VIPR_SIPHASH_H
#define VIPR_SIPHASH_H

#include <linux/types.h>

static __always_inline __u64 rotate_left(__u64 value, int bits)
{
	return value << bits | value >> (64 - bits);
}

struct sip {
	__u64 v0, v1, v2, v3;
};

static __always_inline void sip_round(struct sip *sip)
{
	sip->v0 += sip->v1;
	sip->v1 = rotate_left(sip->v1, 13) ^ sip->v0;
	sip->v0 = rotate_left(sip->v0, 32);
	sip->v2 += sip->v3;
	sip->v3 = rotate_left(sip->v3, 16) ^ sip->v2;
	sip->v0 += sip->v3;
	sip->v3 = rotate_left(sip->v3, 21) ^ sip->v0;
	sip->v2 += sip->v1;
	sip->v1 = rotate_left(sip->v1, 17) ^ sip->v2;
	sip->v2 = rotate_left(sip->v2, 32);
}

/* `word` as its four bytes lie in memory on a little-endian machine; both words of the key are `key`. */
static __always_inline __u32 siphash_1_3(__u64 key, __u32 word)
{
	__u64 last = (4ULL << 56) | word;
	struct sip sip = {
		.v0 = 0x736f6d6570736575ULL ^ key,
		.v1 = 0x646f72616e646f6dULL ^ key,
		.v2 = 0x6c7967656e657261ULL ^ key,
		.v3 = 0x7465646279746573ULL ^ key,
	};

	sip.v3 ^= last;
	sip_round(&sip);
	sip.v0 ^= last;
	sip.v2 ^= 0xff;
	sip_round(&sip);
	sip_round(&sip);
	sip_round(&sip);
	return (__u32)(sip.v0 ^ sip.v1 ^ sip.v2 ^ sip.v3);
}

#endif
