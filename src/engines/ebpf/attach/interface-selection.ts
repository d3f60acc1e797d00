import type { Link } from '../../../netlink/route/link.ts';

/** Interfaces by name or pattern (`*` any characters, `?` one), or `auto`: all that look as if packets of clients or servers pass them. */
export type InterfaceSelection = 'auto' | readonly string[];

/** An interface that is left alone, and why. */
export interface LeftInterface {
  readonly name: string;
  readonly reason: string;
}

export interface SelectedInterfaces {
  readonly selected: readonly Link[];
  /** None that the operator did not ask for, but with `auto`. */
  readonly left: readonly LeftInterface[];
}

/** ARPHRD_ETHER, ARPHRD_LOOPBACK; linux/if_arp.h */
const ETHERNET = 1;
const LOOPBACK = 772;

/** `attached` are the indices of interfaces that have programs: going down is no reason to lose them. */
export function selectInterfaces(
  links: Iterable<Link>,
  selection: InterfaceSelection,
  attached: ReadonlySet<number> = new Set(),
): SelectedInterfaces {
  const all = [...links];
  const names = new Map(all.map(({ index, name }) => [index, name]));
  const selected: Link[] = [];
  const left: LeftInterface[] = [];
  for (const link of all) {
    if (selection !== 'auto' && !selection.some((pattern) => matches(pattern, link.name))) continue;
    const reason =
      selection === 'auto' ? whyNotAuto(link, names, attached.has(link.index)) : whyNotNamed(link);
    if (reason === undefined) selected.push(link);
    else left.push({ name: link.name, reason });
  }
  return { selected, left };
}

/** Names without patterns that no interface has. */
export function missingInterfaces(links: Iterable<Link>, selection: InterfaceSelection): readonly string[] {
  if (selection === 'auto') return [];
  const names = new Set(Array.from(links, ({ name }) => name));
  return selection.filter((pattern) => !/[*?]/.test(pattern) && !names.has(pattern));
}

function whyNotNamed({ hardware }: Link): string | undefined {
  return hardware === ETHERNET || hardware === LOOPBACK ? undefined : 'its packets have no Ethernet header';
}

function whyNotAuto(
  { hardware, master, up, kind }: Link,
  names: ReadonlyMap<number, string>,
  attached: boolean,
): string | undefined {
  if (hardware === LOOPBACK) return 'it is the loopback';
  if (hardware !== ETHERNET) return 'its packets have no Ethernet header';
  if (kind === 'ifb') return 'it only shapes packets of others';
  if (master) return `it belongs to ${names.get(master) ?? `interface ${master}`}`;
  // A macvlan that VRRP switches on is to serve from its first packet on.
  if (!up && !attached && kind !== 'macvlan') return 'it is down';
  return undefined;
}

function matches(pattern: string, name: string): boolean {
  const expression = pattern
    .replace(/[^\w*?]/g, (character) => `\\${character}`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 's').test(name);
}
