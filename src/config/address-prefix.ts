import { addressBytes, type IpAddress, parseIpAddress } from '../model/address.ts';

/** An address with the bits of it that name its network. */
export interface AddressPrefix {
  readonly address: IpAddress;
  readonly prefixLength: number;
}

/** `192.0.2.10/24`; without a length all bits count. Undefined for everything else, and for lengths below `least`. */
export function parseAddressPrefix(text: string, least = 0): AddressPrefix | undefined {
  const [written = '', length, ...rest] = text.split('/');
  const address = parseIpAddress(written);
  if (address === undefined || rest.length > 0) return undefined;
  const bits = 8 * addressBytes(address).length;
  if (length === undefined) return { address, prefixLength: bits };
  const prefixLength = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  return prefixLength >= least && prefixLength <= bits ? { address, prefixLength } : undefined;
}

/** As {@link parseAddressPrefix} reads it. */
export function formatAddressPrefix({ address, prefixLength }: AddressPrefix): string {
  const bits = 8 * addressBytes(address).length;
  return prefixLength === bits ? address : `${address}/${prefixLength}`;
}
