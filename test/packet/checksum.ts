/**
 * What a checksum field is, or is to be:
 * - `right`: what the bytes sum up to; `none`: left out, as UDP and GRE may;
 * - `partial`: only the pseudo header's sum, not inverted, as Linux leaves it for the device to finish (CHECKSUM_PARTIAL);
 * - `wrong`: anything else, with what would be right;
 * - `unverified`: its value, where bytes that it covers are missing (fragments, packets that an ICMP error cuts off).
 *
 * 0xffff where 0 is computed is `wrong` although receivers take it, and so is 0 in TCP and ICMP.
 */
export type Checksum =
  | 'right'
  | 'none'
  | 'partial'
  | { readonly wrong: number; readonly right?: number }
  | { readonly unverified: number };

/** The value to write; `right` and `partial` are what these would be. */
export function checksumField(checksum: Checksum, right: number, partial = 0): number {
  if (checksum === 'right') return right;
  if (checksum === 'none') return 0;
  if (checksum === 'partial') return partial;
  return 'wrong' in checksum ? checksum.wrong : checksum.unverified;
}

/** What a value that was read is; `partial` is undefined where there is no pseudo header. */
export function judgeChecksum(field: number, right: number, whole: boolean, partial?: number): Checksum {
  if (!whole) return { unverified: field };
  if (field === right) return 'right';
  return field === partial ? 'partial' : { wrong: field, right };
}

/** The Internet checksum (RFC 1071) of the parts, all but the last of even length: the inverted sum. */
export function internetChecksum(...parts: readonly Uint8Array[]): number {
  return ~onesComplementSum(...parts) & 0xffff;
}

/** Sum of the big-endian 16-bit words, carries added in. */
export function onesComplementSum(...parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 2) sum += ((part[at] ?? 0) << 8) | (part[at + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  return sum;
}

/** RFC 9293 section 3.1 for IPv4 (two addresses of 4 bytes), RFC 8200 section 8.1 for IPv6. */
export function pseudoHeader(addresses: Buffer | undefined, protocol: number, length: number): Buffer {
  if (addresses === undefined) throw new Error(`protocol ${protocol} needs an IP header for its checksum`);
  const tail = Buffer.alloc(addresses.length === 8 ? 4 : 8);
  if (tail.length === 4) {
    tail.writeUInt8(protocol, 1);
    tail.writeUInt16BE(length & 0xffff, 2);
  } else {
    tail.writeUInt32BE(length, 0);
    tail.writeUInt8(protocol, 7);
  }
  return Buffer.concat([addresses, tail]);
}
