import type { Family, IpAddress } from '../../model/address.ts';
import type { KnownInterface } from './interface-board.ts';

/** RT_SCOPE_LINK (linux/rtnetlink.h). */
const SCOPE_LINK = 253;

/**
 * Where advertisements come from (RFC 9568 sections 5.1.1.1 and 5.1.2.1): the interface's first IPv4 address that is not virtual, or its
 * link-local IPv6 address. Undefined where there is none that can be used yet.
 */
export function sourceAddressOf(
  { addresses }: Pick<KnownInterface, 'addresses'>,
  family: Family,
  isVirtual: (address: string) => boolean,
): IpAddress | undefined {
  const found = addresses.find((each) => {
    if (each.family !== family || each.tentative || isVirtual(each.address)) return false;
    return family === 'inet' || each.scope === SCOPE_LINK;
  });
  // The text of inet_ntop(3), which is the normal form of addresses here, too.
  return found?.address as IpAddress | undefined;
}
