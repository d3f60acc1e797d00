import type { Change } from '../change/change.ts';
import { arpLinks, familiesOf } from '../host-view.ts';
import { sysctlName } from '../sysctls.ts';
import type { Requirement, Situation } from './requirement.ts';

/**
 * Values that keep ARP quiet about addresses of other interfaces (net/ipv4/arp.c arp_ignore()): 1 and 2 answer for those of the
 * interface alone, 8 for none. 3 looks at the address's scope, and the others answer.
 */
const QUIET: readonly number[] = [1, 2, 8];

/**
 * IPv4: no interface answers ARP for an address on lo, nor asks with one as the sender. Of `all` and the interface's own value
 * the larger one counts (linux/inetdevice.h IN_DEV_MAXCONF). IPv6 needs neither: neighbour discovery answers for, and asks with,
 * addresses of the same interface only (net/ipv6/ndisc.c ndisc_recv_ns(), ndisc_solicit()).
 */
export function arpRequirements(situation: Situation): readonly Requirement[] {
  if (!familiesOf(situation.settings.virtualAddresses).has('inet')) return [];
  return [
    judge(situation, {
      setting: 'arp_ignore',
      wanted: 1,
      isRight: (value) => QUIET.includes(value),
      right: 'answers ARP for addresses on lo',
      wrong: 'answers ARP for the virtual addresses, and draws packets past the director',
    }),
    judge(situation, {
      setting: 'arp_announce',
      wanted: 2,
      isRight: (value) => value === 2,
      right: 'sends ARP requests in the name of addresses on lo',
      wrong: 'sends ARP requests in the name of the virtual addresses, from which others learn them',
    }),
  ];
}

interface ArpSetting {
  readonly setting: string;
  readonly wanted: number;
  readonly isRight: (value: number) => boolean;
  readonly right: string;
  readonly wrong: string;
}

function judge({ settings, host: { sysctls }, view }: Situation, each: ArpSetting): Requirement {
  const { setting, wanted, isRight } = each;
  const pathOf = (name: string): string => `net/ipv4/conf/${name}/${setting}`;
  const forAll = sysctls.number(pathOf('all'), 0);
  const wrong = arpLinks(view, settings.interfaces)
    .map(({ name }) => ({ name, own: sysctls.number(pathOf(name), 0) }))
    .filter(({ own }) => !isRight(Math.max(forAll, own)));
  // Interfaces that are still to come have to be right too, unless the others were named.
  const future = settings.interfaces === undefined && !isRight(forAll) && wrong.length === 0;
  if (wrong.length === 0 && !future)
    return { id: setting, state: 'ok', text: `no interface ${each.right} (${setting})` };
  const throughAll = settings.interfaces === undefined || forAll > wanted;
  const names = [
    ...(throughAll && !isRight(forAll) ? ['all'] : []),
    ...wrong.filter(({ own }) => !throughAll || own > wanted).map(({ name }) => name),
  ];
  const changes = names.map(pathOf).map((path): Change => {
    return { kind: 'sysctl', path, value: String(wanted), former: String(sysctls.number(path, 0)) };
  });
  const found = wrong.map(({ name, own }) => `${name} (${Math.max(forAll, own)})`).join(', ');
  return {
    id: setting,
    state: future ? 'note' : 'wrong',
    text: future
      ? `an interface that comes later ${each.wrong} (${sysctlName(pathOf('all'))} is ${forAll})`
      : `${found} ${each.wrong}`,
    advice: `Run \`sysctl -w ${names.map((name) => `${sysctlName(pathOf(name))}=${wanted}`).join(' ')}\`.`,
    changes,
  };
}
