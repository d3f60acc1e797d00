import { ViprError } from '../../model/error.ts';
import { NetlinkError } from '../../netlink/netlink-error.ts';
import type { ChangeOf } from './change.ts';
import type { ChangeHandler } from './change-kind.ts';

/** RT_SCOPE_ of linux/rtnetlink.h: an address that packets to other hosts may carry, although it lies on lo. */
const RT_SCOPE_UNIVERSE = 0;

export const addressChange: ChangeHandler<ChangeOf<'address'>> = {
  describe: (change) => `address ${change.address}/${change.prefixLength} on ${change.interface}`,

  async apply({ address, prefixLength, interface: name }, { netlink }) {
    const link = await netlink.links.find(name);
    if (link === undefined)
      throw new ViprError('INTERFACE_NOT_FOUND', `there is no network interface '${name}'`);
    // No other host is asked whether it has the address: all real servers have.
    const settings = {
      index: link.index,
      address,
      prefixLength,
      scope: RT_SCOPE_UNIVERSE,
      noDuplicateDetection: address.includes(':'),
    };
    await netlink.addresses.add(settings).catch(unless('EEXIST'));
  },

  async undo({ address, prefixLength, interface: name }, { netlink }) {
    const link = await netlink.links.find(name);
    if (link === undefined) return 'absent';
    const settings = { index: link.index, address, prefixLength };
    return netlink.addresses.delete(settings).then(
      () => 'undone',
      (error: unknown) => {
        unless('EADDRNOTAVAIL')(error);
        return 'absent';
      },
    );
  },
};

function unless(code: string): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof NetlinkError) || error.code !== code) throw error;
  };
}
