import type { IpAddress } from '../../model/address.ts';
import type { ForwardingMethod } from '../../model/destination.ts';

/**
 * What the table tells the rest of the engine: next hops, attached programs, the sweep. Calls come in the order of the
 * table's changes and must not throw.
 */
export interface DataPlane {
  /**
   * A destination took the slot `id`, or changed how it is reached; before the first connection is sent there. Comes again
   * for the same id after an edit and after a deleted destination came back.
   */
  destinationAdded(id: number, address: IpAddress, forwarding: ForwardingMethod): void;
  /** The slot is free: the destination was deleted some time ago and no connection refers to it any more. */
  destinationRemoved(id: number): void;
  /** Lets go of everything that this process holds; packets are forwarded on. */
  close(): Promise<void>;
}
