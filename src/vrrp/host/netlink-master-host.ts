import { isDeepStrictEqual } from 'node:util';
import { familyOf } from '../../model/address.ts';
import type { VirtualAddress, VirtualRoute, VirtualRule } from '../../model/vrrp.ts';
import { NetlinkError } from '../../netlink/netlink-error.ts';
import type { InterfaceAddressSettings } from '../../netlink/route/interface-address.ts';
import type { RouteSettings } from '../../netlink/route/route.ts';
import type { RouteNetlink } from '../../netlink/route/route-netlink.ts';
import type { Rule, RuleSettings } from '../../netlink/route/rule.ts';
import { describeAddress, describeRoute, describeRule } from './describe-belonging.ts';
import type { MasterBelongings, MasterHost } from './master-host.ts';

/** RT_SCOPE_ numbers (linux/rtnetlink.h). */
const SCOPES = { global: 0, site: 200, link: 253, host: 254 } as const;
/** RTPROT_KEEPALIVED (linux/rtnetlink.h): VRRP's routes are known by it, whoever speaks VRRP. */
export const VRRP_ROUTE_PROTOCOL = 18;
/** FR_ACT_TO_TBL (linux/fib_rules.h). */
const TO_TABLE = 1;
/** Answers that say that there is nothing to do. */
const THERE_ALREADY = ['EEXIST'];
const NOT_THERE = ['EADDRNOTAVAIL', 'ENOENT', 'ESRCH', 'ENODEV'];

/** A host by rtnetlink. Needs CAP_NET_ADMIN. */
export class NetlinkMasterHost implements MasterHost {
  readonly #netlink: Pick<RouteNetlink, 'links' | 'addresses' | 'routes' | 'rules'>;

  constructor(netlink: Pick<RouteNetlink, 'links' | 'addresses' | 'routes' | 'rules'>) {
    this.#netlink = netlink;
  }

  async take(belongings: MasterBelongings): Promise<readonly string[]> {
    const { addresses, routes } = this.#netlink;
    const index = await this.#indexes(belongings);
    return all(
      steps(belongings, {
        address: (each) => addresses.add(addressSettings(each, index(each.interface))),
        route: (each) => routes.add(routeSettings(each, index(each.interface))),
        rule: (each) => this.#addRule(ruleSettings(each)),
      }),
      THERE_ALREADY,
    );
  }

  async give(belongings: MasterBelongings): Promise<readonly string[]> {
    const { addresses, routes, rules } = this.#netlink;
    const index = await this.#indexes(belongings);
    return all(
      steps(belongings, {
        address: (each) => addresses.delete(addressSettings(each, index(each.interface))),
        route: (each) => routes.delete(routeSettings(each, index(each.interface))),
        rule: (each) => rules.delete(ruleSettings(each)),
      }).reverse(),
      NOT_THERE,
    );
  }

  /** Without a preference the kernel finds a free one, and a rule that is there already would be there twice. */
  async #addRule(wanted: RuleSettings): Promise<boolean> {
    const { rules } = this.#netlink;
    const present = wanted.priority === undefined ? await rules.list(wanted.family) : [];
    if (present.some((rule) => isSameRule(rule, wanted))) return false;
    await rules.add(wanted);
    return true;
  }

  /** Indexes of interfaces by their names; that of one which is gone is 0, and the kernel refuses it. */
  async #indexes(belongings: MasterBelongings): Promise<(name: string | undefined) => number> {
    const links = await this.#netlink.links.list();
    const indexes = new Map(links.map(({ name, index }) => [name, index]));
    return (name) => indexes.get(name ?? belongings.interface) ?? 0;
  }
}

interface HostStep {
  /** For people. */
  readonly what: string;
  /** Resolves to false where there was nothing to do. */
  readonly run: () => Promise<unknown>;
}

/** Addresses first: routes may need them. */
function steps(
  { interface: own, addresses, routes, rules }: MasterBelongings,
  change: {
    readonly address: (address: VirtualAddress) => Promise<void>;
    readonly route: (route: VirtualRoute) => Promise<void>;
    readonly rule: (rule: VirtualRule) => Promise<unknown>;
  },
): HostStep[] {
  return [
    ...addresses.map((each) => ({ what: describeAddress(each, own), run: () => change.address(each) })),
    ...routes.map((each) => ({ what: describeRoute(each), run: () => change.route(each) })),
    ...rules.map((each) => ({ what: describeRule(each), run: () => change.rule(each) })),
  ];
}

/** Does one after the other, whatever becomes of the others; what did something. */
async function all(toDo: readonly HostStep[], harmless: readonly string[]): Promise<readonly string[]> {
  const done: string[] = [];
  const failures: unknown[] = [];
  for (const { what, run } of toDo) {
    try {
      if ((await run()) !== false) done.push(what);
    } catch (error) {
      if (!(error instanceof NetlinkError && harmless.includes(error.code))) failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return done;
}

function addressSettings(
  { address, prefixLength, label, scope }: VirtualAddress,
  index: number,
): InterfaceAddressSettings {
  return {
    index,
    address,
    prefixLength,
    ...(label !== undefined && { label }),
    ...(scope !== undefined && { scope: SCOPES[scope] }),
    // Duplicate address detection would hold the address back for a second, and find the old master.
    ...(familyOf(address) === 'inet6' && { noDuplicateDetection: true }),
  };
}

function routeSettings(route: VirtualRoute, index: number): RouteSettings {
  const { destination, via, source, table, metric, scope } = route;
  const address = destination?.address ?? via ?? source;
  return {
    ...(address !== undefined && { family: familyOf(address) }),
    ...(destination !== undefined && { destination }),
    ...(via === undefined || route.interface !== undefined ? { index } : {}),
    ...(via !== undefined && { gateway: via }),
    ...(source !== undefined && { preferredSource: source }),
    ...(table !== undefined && { table }),
    ...(metric !== undefined && { metric }),
    ...(scope !== undefined && { scope: SCOPES[scope] }),
    protocol: VRRP_ROUTE_PROTOCOL,
  };
}

function isSameRule(rule: Rule, { from, to, table }: RuleSettings): boolean {
  const isTable = rule.action === TO_TABLE && rule.table === table && rule.mark === undefined;
  return isTable && isDeepStrictEqual([rule.from, rule.to], [from, to]);
}

function ruleSettings({ from, to, table, preference }: VirtualRule): RuleSettings {
  return {
    family: familyOf((from ?? to)?.address ?? ('0.0.0.0' as VirtualAddress['address'])),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    table,
    ...(preference !== undefined && { priority: preference }),
  };
}
