import type { IpAddress } from '../../model/address.ts';

/** Keeps packets to virtual addresses from programs of this host, but for those by which neighbours find the addresses. */
export interface AddressGuard {
  /** Resolves to why that cannot be done, a phrase, or to undefined where it can. More than once does no harm. */
  open(): Promise<string | undefined>;
  /** From now on these are the addresses that are guarded for `whom`. */
  guard(whom: string, addresses: readonly IpAddress[]): Promise<void>;
  /** Guards nothing any more. It can be opened again. */
  close(): void;
}
