/** A stretch of received bytes, from `start` up to `end`: of a message, a payload or an attribute. */
export interface ByteRange {
  readonly view: DataView;
  readonly start: number;
  readonly end: number;
}

/** Netlink speaks in the byte order of the machine. */
export const HOST_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Messages and attributes begin at multiples of four bytes (linux/netlink.h, NLMSG_ALIGNTO and NLA_ALIGNTO). */
export function align(length: number): number {
  return (length + 3) & ~3;
}

/** The bytes themselves, which hold until the next datagram is received. */
export function bytesOf({ view, start, end }: ByteRange): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + start, end - start);
}

export function rangeOf(bytes: Uint8Array): ByteRange {
  return {
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    start: 0,
    end: bytes.byteLength,
  };
}
