/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The checksum of SCTP (RFC 9260, appendix A) after some of its first four bytes changed, without the rest of the packet. A CRC
 * is linear: the old one and the new one differ by the CRC, from an all-zero register, of the difference followed by zeros. Each
 * zero byte multiplies the register by x^8 modulo the polynomial, so any number of them is a product of squares.
 */
#ifndef VIPR_CRC32C_H
#define VIPR_CRC32C_H

#define CRC32C_POLYNOMIAL 0x82f63b78u /* bits reversed, as everything below: bit 31 is x^0 */

/* x^(8 * 2^index) modulo the polynomial. */
static const __u32 crc32c_powers[16] = {
	0x00800000, 0x00008000, 0x82f63b78, 0x6ea2d55c,
	0x18b8ea18, 0x510ac59a, 0xb82be955, 0xb8fdb1e7,
	0x88e56f72, 0x74c360a4, 0xe4172b16, 0x0d65762a,
	0x35d73a62, 0x28461564, 0xbf455269, 0xe2ea32dc,
};

/*
 * The value where the bit is 1, else 0. Neither the compiler nor the verifier is to see that there are but two ways: the one would
 * make a branch of it, the other follow both, 64 times over.
 */
static __always_inline __u32 value_if(__u32 bit, __u32 value)
{
	barrier_var(bit);
	return bit * value;
}

static __always_inline __u32 multiply_modulo(__u32 one, __u32 other)
{
	__u32 product = 0;
	int bit;

#pragma unroll
	for (bit = 0; bit < 32; bit++) {
		product ^= value_if(one >> 31, other);
		one <<= 1;
		other = (other >> 1) ^ value_if(other & 1, CRC32C_POLYNOMIAL);
	}
	return product;
}

struct crc32c_advance {
	__u32 value;
	__u32 length; /* zero bytes that follow */
};

/* A step of bpf_loop(): in a loop of its own the verifier would follow each of the 65,536 ways through it. */
static long crc32c_step(__u32 index, struct crc32c_advance *advance)
{
	if (advance->length & (1u << (index & 15)))
		advance->value = multiply_modulo(crc32c_powers[index & 15], advance->value);
	return 0;
}

/* What to exclusive-or the checksum with, both as they lie in memory, in a packet of `length` bytes whose first word changed. */
static __noinline __u32 crc32c_difference(__u32 difference, __u32 length)
{
	struct crc32c_advance advance = { .value = difference, .length = length };

	bpf_loop(16, crc32c_step, &advance, 0);
	return advance.value;
}

#endif
