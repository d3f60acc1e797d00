/** A 128-bit key as four 32-bit words, the least significant first. */
export type SipHashKey = readonly [number, number, number, number];

/**
 * The low 32 bits, unsigned, of SipHash-1-3 over the four little-endian bytes of a 32-bit number: what the kernel's
 * hsiphash gives on 64-bit machines (linux/siphash.h, hsiphash_1u32). Algorithm: Aumasson and Bernstein, "SipHash: a
 * fast short-input PRF", section 2.
 */
export function hsiphash(value: number, key: SipHashKey): number {
  // The 64-bit words v0 to v3 as halves in local variables: 32-bit integers stay in registers, and nothing is allocated.
  let low0 = 0x70736575 ^ key[0];
  let high0 = 0x736f6d65 ^ key[1];
  let low1 = 0x6e646f6d ^ key[2];
  let high1 = 0x646f7261 ^ key[3];
  let low2 = 0x6e657261 ^ key[0];
  let high2 = 0x6c796765 ^ key[1];
  let low3 = 0x79746573 ^ key[2] ^ value;
  let high3 = 0x74656462 ^ key[3] ^ MESSAGE_LENGTH_BYTE;

  for (let round = 0; round < COMPRESSION_ROUNDS + FINALISATION_ROUNDS; round++) {
    if (round === COMPRESSION_ROUNDS) {
      low0 ^= value;
      high0 ^= MESSAGE_LENGTH_BYTE;
      low2 ^= 0xff;
    }
    let carried: number;

    // v0 += v1; v1 <<<= 13; v1 ^= v0; v0 <<<= 32
    low0 = (low0 + low1) | 0;
    high0 = (high0 + high1 + carry(low0, low1)) | 0;
    carried = high1;
    high1 = ((high1 << 13) | (low1 >>> 19)) ^ high0;
    low1 = ((low1 << 13) | (carried >>> 19)) ^ low0;
    carried = high0;
    high0 = low0;
    low0 = carried;

    // v2 += v3; v3 <<<= 16; v3 ^= v2
    low2 = (low2 + low3) | 0;
    high2 = (high2 + high3 + carry(low2, low3)) | 0;
    carried = high3;
    high3 = ((high3 << 16) | (low3 >>> 16)) ^ high2;
    low3 = ((low3 << 16) | (carried >>> 16)) ^ low2;

    // v0 += v3; v3 <<<= 21; v3 ^= v0
    low0 = (low0 + low3) | 0;
    high0 = (high0 + high3 + carry(low0, low3)) | 0;
    carried = high3;
    high3 = ((high3 << 21) | (low3 >>> 11)) ^ high0;
    low3 = ((low3 << 21) | (carried >>> 11)) ^ low0;

    // v2 += v1; v1 <<<= 17; v1 ^= v2; v2 <<<= 32
    low2 = (low2 + low1) | 0;
    high2 = (high2 + high1 + carry(low2, low1)) | 0;
    carried = high1;
    high1 = ((high1 << 17) | (low1 >>> 15)) ^ high2;
    low1 = ((low1 << 17) | (carried >>> 15)) ^ low2;
    carried = high2;
    high2 = low2;
    low2 = carried;
  }
  return (low0 ^ low1 ^ low2 ^ low3) >>> 0;
}

const COMPRESSION_ROUNDS = 1;
const FINALISATION_ROUNDS = 3;

/** The last block of a message has its length in the top byte: four bytes here, which fill the low half. */
const MESSAGE_LENGTH_BYTE = 4 << 24;

/** What the addition of low halves carries over: 1 where the sum, cut to 32 bits, is less than an addend. */
function carry(sum: number, addend: number): number {
  return sum >>> 0 < addend >>> 0 ? 1 : 0;
}
