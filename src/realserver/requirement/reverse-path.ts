import { familiesOf, type HostView } from '../host-view.ts';
import { sysctlName } from '../sysctls.ts';
import type { Requirement, Situation } from './requirement.ts';

const STRICT = 1;
const LOOSE = 2;

/**
 * Clients' packets come in where no reply would leave: out of a tunnel device, or from the director's side. A strict reverse path
 * filter drops them (net/ipv4/fib_frontend.c __fib_validate_source()). Of `all` and the interface's own value the larger one counts,
 * so that 2 always helps, and 0 only where `all` is 0. IPv6 has no such setting.
 */
export function reversePathRequirement(
  { host: { sysctls } }: Situation,
  name: string,
  why: string,
): Requirement {
  const pathOf = (part: string): string => `net/ipv4/conf/${part}/rp_filter`;
  // A device that is still to be made begins with the default.
  const own = sysctls.number(pathOf(name), sysctls.number(pathOf('default'), 0));
  const value = Math.max(sysctls.number(pathOf('all'), 0), own);
  if (value !== STRICT)
    return { id: 'rp_filter', state: 'ok', text: `${name} takes packets from any source (rp_filter)` };
  const path = pathOf(name);
  return {
    id: 'rp_filter',
    state: 'wrong',
    text: `${name} drops packets of clients, ${why}: rp_filter is ${value}`,
    advice: `Run \`sysctl -w ${sysctlName(path)}=${LOOSE}\`.`,
    changes: [{ kind: 'sysctl', path, value: String(LOOSE), former: String(own) }],
  };
}

/** Direct routing: the interfaces that were named, where replies leave by another one. */
export function directPathRequirements(situation: Situation): readonly Requirement[] {
  const { settings, view } = situation;
  if (!familiesOf(settings.virtualAddresses).has('inet') || settings.tunnels.length > 0) return [];
  const exits = exitsOf(view);
  return (settings.interfaces ?? [])
    .filter((name) => exits.length > 0 && !exits.includes(name))
    .map((name) => reversePathRequirement(situation, name, `as replies leave by ${exits.join(', ')}`));
}

/** Names of the interfaces of IPv4's default routes. */
function exitsOf({ defaultRoutes, links }: HostView): readonly string[] {
  const hops = defaultRoutes
    .filter(({ family }) => family === 'inet')
    .flatMap(({ index, nextHops }) => [index, ...(nextHops ?? []).map((hop) => hop.index)]);
  return links.filter(({ index }) => hops.includes(index)).map(({ name }) => name);
}
