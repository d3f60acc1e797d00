import type { VirtualMachine } from '../lab/virtual-machine.ts';
import { startNginx, tunnelEnds } from '../traffic/network.ts';

/** The director on the kernel's IPVS, and that on vipr's engine; namespaces bear the same names. */
export const SITES = ['ipvs', 'ebpf'] as const;
export type Site = (typeof SITES)[number];
export const CALLER = 'caller';
export const WEBS = ['web1', 'web2'] as const;
const SEGMENT = 'segment';

/** Addresses of the directors towards clients and towards servers end so. */
const LAST: Readonly<Record<Site, number>> = { ipvs: 8, ebpf: 9 };
/** Further clients: 10.1.0.21 and on, fd01::21 and on. */
export const CLIENTS = [21, 22, 23, 24] as const;
export const FIREWALL_MARK = 81;

/** VIPs whose answers come back by the director, and those whose answers do not. */
const THROUGH = { inet: '192.0.2', inet6: '2001:db8:1:' } as const;
const PAST = { inet: '198.51.100', inet6: '2001:db8:2:' } as const;

/** The VIPs by what their service is, with the words for its servers. */
export const VIPS = {
  masquerading: { inet: `${THROUGH.inet}.1`, inet6: `${THROUGH.inet6}:1`, words: '-m' },
  direct: { inet: `${PAST.inet}.2`, inet6: `${PAST.inet6}:2`, words: '-g' },
  tunnel: { inet: `${PAST.inet}.3`, inet6: `${PAST.inet6}:3`, words: '-i' },
  persistent: { inet: `${THROUGH.inet}.4`, inet6: `${THROUGH.inet6}:4`, words: '-m' },
  marked: { inet: `${THROUGH.inet}.5`, inet6: `${THROUGH.inet6}:5`, words: '-m' },
} as const;

const MARKS = `
table inet marks {
  chain arriving {
    type filter hook prerouting priority mangle;
    ip daddr ${VIPS.marked.inet} meta mark set ${FIREWALL_MARK}
    ip6 daddr ${VIPS.marked.inet6} meta mark set ${FIREWALL_MARK}
  }
}`;

/**
 * Two directors that can take each other's place, each with two devices:
 *
 *     caller --- clients (a bridge) --- ipvs (10.1.0.8), ebpf (10.1.0.9) --- servers (a bridge) --- web1, web2 (10.2.0.21, .22)
 *       | (10.1.0.2, .21 to .24)                                                |
 *       +-----------------------------------------------------------------------+ (10.2.0.3)
 *
 * and the same of fd01::/64 and fd02::/64. {@link turnTo} says which of them the clients reach VIPs by, and the servers those clients that
 * are masqueraded for.
 */
export async function makeInteropNetwork(machine: VirtualMachine): Promise<void> {
  await machine.expect(
    `set -e
    modprobe -a ip_vs ipip fou fou6 ip_gre ip6_tunnel ip6_gre
    for n in ${[SEGMENT, CALLER, ...SITES, ...WEBS].join(' ')}; do ip netns add $n; ip -n $n link set lo up; done
    for bridge in clients servers; do ip -n ${SEGMENT} link add $bridge type bridge; ip -n ${SEGMENT} link set $bridge up; done
    ${SITES.map((site) => port(site, 'clients', 1, LAST[site]) + port(site, 'servers', 2, LAST[site])).join('')}
    ${port(CALLER, 'clients', 1, 2)}${port(CALLER, 'servers', 2, 3)}
    ${WEBS.map((web, index) => port(web, 'servers', 2, 21 + index)).join('')}
    ${CLIENTS.map((last) => addresses(CALLER, 'clients', 1, last)).join('')}
    ${SITES.map(directorSetup).join('')}
    ip netns exec ipvs nft -f - <<'END'
${MARKS}
END
    head -c 24M /dev/urandom >/tmp/large
    ${WEBS.map((web) => `${localVips(web)}${tunnelEnds(web)}${startNginx(web)}`).join('')}`,
    120_000,
  );
}

/** The device `side` of a host, on the bridge of that name. */
function port(host: string, side: 'clients' | 'servers', net: number, last: number): string {
  const end = `${host}-${side.slice(0, 3)}`;
  return `
    ip -n ${SEGMENT} link add ${end} type veth peer name ${side} netns ${host}
    ip -n ${SEGMENT} link set ${end} master ${side} up
    ip -n ${host} link set ${side} up${addresses(host, side, net, last)}`;
}

function addresses(host: string, side: string, net: number, last: number): string {
  return `
    ip -n ${host} addr add 10.${net}.0.${last}/24 dev ${side}
    ip -n ${host} addr add fd0${net}::${last}/64 dev ${side} nodad`;
}

function localVips(host: string): string {
  const all = [THROUGH, PAST].flatMap(({ inet, inet6 }) => [`${inet}.0/24`, `${inet6}:/64`]);
  return all.map((network) => `\n    ip -n ${host} route add local ${network} dev lo`).join('');
}

function directorSetup(site: Site): string {
  return `${localVips(site)}
    ip netns exec ${site} sh -ec 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'`;
}

/** Has all packets go through that director from now on; a line of shell. */
export function turnTo(site: Site): string {
  const last = LAST[site];
  const callers = [
    [`${THROUGH.inet}.0/24`, `10.1.0.${last}`, '10.1.0.2'],
    [`${PAST.inet}.0/24`, `10.1.0.${last}`, '10.2.0.3'],
    [`${THROUGH.inet6}:/64`, `fd01::${last}`, 'fd01::2'],
    [`${PAST.inet6}:/64`, `fd01::${last}`, 'fd02::3'],
  ];
  return [
    ...callers.map(([to, by, from]) => `ip -n ${CALLER} route replace ${to} via ${by} src ${from}`),
    ...WEBS.flatMap((web) => [
      `ip -n ${web} route replace 10.1.0.0/24 via 10.2.0.${last}`,
      `ip -n ${web} route replace fd01::/64 via fd02::${last}`,
    ]),
  ].join('\n');
}
