import type { Decoded, Surroundings } from './codec.ts';

/** The beginning of a TCP, UDP or SCTP header that is cut off, as ICMP errors of 8 bytes have it. */
export interface Ports {
  readonly layer: 'ports';
  readonly source: number;
  readonly destination: number;
  /** Hexadecimal. */
  readonly rest: string;
}

export function encodePorts(layer: Ports): Buffer {
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(layer.source, 0);
  ports.writeUInt16BE(layer.destination, 2);
  return Buffer.concat([ports, Buffer.from(layer.rest, 'hex')]);
}

export function decodePorts(bytes: Buffer, surroundings: Surroundings): Decoded | undefined {
  if (bytes.length < 4) return undefined;
  return {
    layer: {
      layer: 'ports',
      source: bytes.readUInt16BE(0),
      destination: bytes.readUInt16BE(2),
      rest: bytes.toString('hex', 4),
    },
    payload: bytes.subarray(bytes.length),
    next: { as: 'data' },
    surroundings,
  };
}
