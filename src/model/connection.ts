import type { IpAddress } from './address.ts';
import type { Protocol } from './service.ts';
import type { FirewallMark, Port } from './unit.ts';

/** State names as /proc/net/ip_vs_conn prints them. */
export type TcpState =
  | 'NONE'
  | 'ESTABLISHED'
  | 'SYN_SENT'
  | 'SYN_RECV'
  | 'FIN_WAIT'
  | 'TIME_WAIT'
  | 'CLOSE'
  | 'CLOSE_WAIT'
  | 'LAST_ACK'
  | 'LISTEN'
  | 'SYNACK';

/** One entry of the connection table, or a persistence template (client port 0). */
export interface ConnectionEntry {
  /** `ip` for the templates of fwmark services. */
  readonly protocol: Protocol | 'ip';
  readonly clientAddress: IpAddress;
  readonly clientPort: Port;
  /** The VIP; for the templates of fwmark services the mark. */
  readonly virtualAddress: IpAddress | { readonly fwmark: FirewallMark };
  readonly virtualPort: Port;
  readonly destinationAddress: IpAddress;
  readonly destinationPort: Port;
  /** TCP state, `UDP`, an SCTP state, or `NONE` and `ASSURED` for templates. */
  readonly state: string;
  /** Seconds until the entry expires, rounded down. */
  readonly expiresIn: number;
  readonly persistenceEngine?: string;
  readonly persistenceData?: string;
}
