import type { IpAddress } from '../../model/address.ts';
import type { Port } from '../../model/unit.ts';

/** Where the control API listens besides its socket, and who may ask there. */
export interface TcpSettings {
  /** An address of this host; beyond loopback only with `tokenFile`. */
  readonly address: IpAddress;
  /** 0 leaves the choice to the system. */
  readonly port: Port;
  /** A file of mode 0600 whose first line is the token that requests have to bring. */
  readonly tokenFile?: string;
  /** PEM files; present for HTTPS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** Whether packets to an address never leave the host: 127.0.0.0/8 (RFC 1122, 3.2.1.3), ::1 (RFC 4291, 2.5.3). */
export function isLoopback(address: IpAddress): boolean {
  return address === '::1' || /^(?:::ffff:)?127\.\d+\.\d+\.\d+$/.test(address);
}
