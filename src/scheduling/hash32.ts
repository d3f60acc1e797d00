/** The upper `bits` bits (1 to 32) of a 32-bit number times the golden ratio (linux/hash.h, hash_32). */
export function hash32(value: number, bits: number): number {
  return Math.imul(value, 0x61c88647) >>> (32 - bits);
}
