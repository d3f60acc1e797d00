import { type IpAddress, parseIpAddress } from '../model/address.ts';
import { ViprError } from '../model/error.ts';
import { parseHostPort } from '../model/parse-host-port.ts';
import type { Port } from '../model/unit.ts';

/** An address, and a port where one was given. */
export interface Host {
  readonly address: IpAddress;
  readonly port?: Port;
}

/** Reads `10.0.0.11`, `10.0.0.11:80`, `2001:db8::11`, `[2001:db8::11]` or `[2001:db8::11]:80`; `what` is named in the error. Throws USAGE. */
export function readHost(text: string, what: string): Host {
  const both = parseHostPort(text);
  if (both !== undefined) return both;
  const inner = /^\[([0-9A-Fa-f:.]+)\]$/.exec(text)?.[1];
  const address = parseIpAddress(inner ?? text);
  if (address !== undefined && (inner === undefined || address.includes(':'))) return { address };
  throw new ViprError('USAGE', `${JSON.stringify(text)} is no ${what}.`, {
    hint: `Give an address, with or without a port: 10.0.0.11, 10.0.0.11:80, 2001:db8::11 or "[2001:db8::11]:80".`,
  });
}
