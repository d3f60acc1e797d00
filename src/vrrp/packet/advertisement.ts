import type { IpAddress } from '../../model/address.ts';
import type { Milliseconds } from '../../model/unit.ts';

/** What a master tells the other routers of its virtual router (RFC 9568 section 5, RFC 3768 section 5). */
export interface Advertisement {
  readonly version: 2 | 3;
  /** 1 to 255. */
  readonly virtualRouterId: number;
  /** 1 to 255; 0 says that the master gives up. */
  readonly priority: number;
  /** Version 2: whole seconds, 1 to 255; version 3: whole hundredths, 10 ms to 40.95 s. */
  readonly interval: Milliseconds;
  readonly addresses: readonly IpAddress[];
  /** Version 2 over IPv4 only: PASS, at most 8 bytes of UTF-8. */
  readonly password?: string;
}

/** What of the IP header around an advertisement matters. */
export interface Envelope {
  readonly source: IpAddress;
  readonly destination: IpAddress;
}

/** Where advertisements go unless to unicast peers (RFC 9568 sections 5.1.1.2 and 5.1.2.2). */
export const MULTICAST_GROUP = { inet: '224.0.0.18', inet6: 'ff02::12' } as const;
/** IP protocol number of VRRP. */
export const VRRP_PROTOCOL = 112;
/** The TTL or hop limit of every advertisement, so that none comes from another link (RFC 9568 section 5.1.1.3). */
export const VRRP_HOP_LIMIT = 255;

/** Bytes before the addresses. */
export const HEADER_BYTES = 8;
/** Bytes of version 2's authentication data behind the addresses. */
export const AUTHENTICATION_BYTES = 8;
/** Version and type in the first byte; the only type is ADVERTISEMENT. */
export const ADVERTISEMENT_TYPE = 1;
/** RFC 2338 section 5.3.6. */
export const AUTHENTICATION_NONE = 0;
export const AUTHENTICATION_PASS = 1;
