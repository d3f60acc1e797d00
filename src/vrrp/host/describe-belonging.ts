import type { VirtualAddress, VirtualRoute, VirtualRule } from '../../model/vrrp.ts';

type Prefix = NonNullable<VirtualRoute['destination']>;

/** For people: `192.0.2.50/32 on eth0`. */
export function describeAddress(
  { address, prefixLength, interface: on }: VirtualAddress,
  own: string,
): string {
  return `${address}/${prefixLength} on ${on ?? own}`;
}

/** For people: `the route to 203.0.113.0/24 via 10.0.0.1`. */
export function describeRoute({ destination, via, table }: VirtualRoute): string {
  const to = destination === undefined ? 'the default route' : `the route to ${prefixText(destination)}`;
  return `${to}${via === undefined ? '' : ` via ${via}`}${table === undefined ? '' : ` in table ${table}`}`;
}

/** For people: `the rule from 192.0.2.50/32 to table 100`. */
export function describeRule({ from, to, table }: VirtualRule): string {
  const words = [from && `from ${prefixText(from)}`, to && `for ${prefixText(to)}`, `to table ${table}`];
  return ['the rule', ...words.flatMap((each) => each ?? [])].join(' ');
}

function prefixText({ address, prefixLength }: Prefix): string {
  return `${address}/${prefixLength}`;
}
