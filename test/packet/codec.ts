import type { Layer } from './layer.ts';

/** What a header needs to know of those around it. */
export interface Surroundings {
  /** Source, then destination, of the IP header around, in network byte order: for pseudo headers. */
  readonly addresses: Buffer | undefined;
  /** Whether all bytes are there: false in fragments, and where the packet was cut. */
  readonly whole: boolean;
}

/** How the bytes behind a header are to be read. */
export type Next =
  | { readonly as: 'ether-type'; readonly number: number }
  | { readonly as: 'protocol'; readonly number: number }
  | { readonly as: 'ethernet' | 'gue' | 'data' };

export interface Decoded {
  /** With the number of the next header, even where that follows from it. */
  readonly layer: Layer;
  readonly payload: Buffer;
  readonly next: Next;
  /** Of the payload. */
  readonly surroundings: Surroundings;
}
