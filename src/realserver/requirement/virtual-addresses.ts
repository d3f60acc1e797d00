import { familyOf, type IpAddress } from '../../model/address.ts';
import type { InterfaceAddress } from '../../netlink/route/interface-address.ts';
import { answersNeighbours } from '../host-view.ts';
import type { Requirement, Situation } from './requirement.ts';

const LOOPBACK = 'lo';
/** linux/if_addr.h */
const IFA_F_DADFAILED = 0x08;

/** Every virtual address is the host's own, on an interface that answers nobody who asks for it. */
export function virtualAddressRequirements(situation: Situation): readonly Requirement[] {
  return situation.settings.virtualAddresses.flatMap((address) => {
    if (familyOf(address) === 'inet6') {
      const off = withoutInet6(address, situation);
      if (off !== undefined) return [off];
    }
    return [...placed(address, situation), ...misplaced(address, situation)];
  });
}

export function loopbackRequirement({ view: { links } }: Situation): Requirement {
  const up = links.some(({ name, up }) => name === LOOPBACK && up);
  return {
    id: 'loopback',
    state: up ? 'ok' : 'wrong',
    text: up ? 'lo is up' : 'lo is down, so its addresses are of no use',
    ...(up ? {} : { advice: 'Run `ip link set lo up`.', changes: [{ kind: 'link-up', name: LOOPBACK }] }),
  };
}

function withoutInet6(address: IpAddress, { host: { sysctls } }: Situation): Requirement | undefined {
  const path = 'net/ipv6/conf/lo/disable_ipv6';
  if (sysctls.read(path) === '0') return undefined;
  return {
    id: 'ipv6',
    state: 'wrong',
    text: `${address} cannot be on lo: IPv6 is switched off there`,
    advice:
      sysctls.read(path) === undefined
        ? 'The kernel has no IPv6: start it without ipv6.disable=1.'
        : 'Run `sysctl -w net.ipv6.conf.lo.disable_ipv6=0`.',
  };
}

function placed(address: IpAddress, { view: { addresses, links } }: Situation): readonly Requirement[] {
  const prefixLength = familyOf(address) === 'inet' ? 32 : 128;
  const quiet = addresses.flatMap((each) => {
    const link = links.find(({ index }) => index === each.index);
    return each.address === address && link !== undefined && !answersNeighbours(link) ? [{ each, link }] : [];
  });
  const wide = quiet.find(({ each, link }) => link.name === LOOPBACK && each.prefixLength !== prefixLength);
  if (wide !== undefined) {
    const shown = `${address}/${wide.each.prefixLength}`;
    return [
      {
        id: 'virtual_address',
        state: 'wrong',
        text: `${shown} on lo makes all addresses of that network this host's own`,
        advice: `Run \`ip address delete ${shown} dev lo\`, then setup again.`,
      },
    ];
  }
  const [found] = quiet;
  if (found !== undefined)
    return [{ id: 'virtual_address', state: 'ok', text: `${address} is on ${found.link.name}` }];
  return [
    {
      id: 'virtual_address',
      state: 'wrong',
      text: `${address} is not on lo: packets to it are not taken`,
      advice: `Run \`ip address add ${address}/${prefixLength} dev lo\`.`,
      changes: [{ kind: 'address', address, prefixLength, interface: LOOPBACK }],
    },
  ];
}

function misplaced(address: IpAddress, { view: { addresses, links } }: Situation): readonly Requirement[] {
  return addresses
    .filter((each) => each.address === address)
    .flatMap((each) => {
      const link = links.find(({ index }) => index === each.index);
      if (link === undefined || !answersNeighbours(link)) return [];
      return [onEthernet(each, link.name)];
    });
}

function onEthernet({ address, prefixLength, family, flags }: InterfaceAddress, name: string): Requirement {
  const asking = family === 'inet' ? 'ARP' : 'neighbour discovery';
  const answers = flags & IFA_F_DADFAILED ? 'another host has it' : `${asking} for it is answered`;
  return {
    id: 'virtual_address_on_network',
    state: 'wrong',
    text: `${address} is on ${name} too, where ${answers}: this host takes packets that are the director's`,
    advice: `Run \`ip address delete ${address}/${prefixLength} dev ${name}\`.`,
  };
}
