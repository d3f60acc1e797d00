import { MARK, MARKED } from '../../scheduling/scenario-address.ts';
import type { VirtualMachine } from '../lab/virtual-machine.ts';
import { FAMILIES } from '../traffic/network.ts';
import { EbpfDirector } from './ebpf-director.ts';
import {
  DEVICE_MACS,
  OWN,
  ROUTER,
  ROUTER_MAC,
  SIDES,
  serverMac,
  TWINS,
  type Twin,
  WIRE,
  wireEnd,
} from './twin-address.ts';
import { TWIN_ADDRESSES, TWIN_SERVERS } from './twin-service.ts';

/**
 * Two directors of the same addresses, that on the kernel's IPVS and that on vipr's engine, each in a namespace; whoever has the
 * other ends of their devices can send both the same frames:
 *
 *     wire: kernel-clients --- clients (10.4.0.1, fd04::1)  kernel  servers (10.2.0.1, fd02::1) --- kernel-servers
 *           vipr-clients   --- clients (the same)           vipr    servers (the same)          --- vipr-servers
 *
 * Clients are behind a router (10.4.0.254, fd04::fe). There is nobody at the other ends: whom the directors send to they know
 * beforehand. Resolves to vipr's director.
 */
export async function makeTwinNetwork(
  machine: VirtualMachine,
  words: readonly string[] = [],
): Promise<EbpfDirector> {
  await machine.expect(`set -e
    modprobe -a ip_vs
    echo 100000 >/proc/sys/net/ipv4/icmp_msgs_per_sec
    for n in ${[WIRE, ...TWINS].join(' ')}; do ip netns add $n; ip -n $n link set lo up; done
    ${TWINS.map(directorSetup).join('\n')}
    ip netns exec kernel nft -f - <<'END'
${MARKS}
END`);
  await knowServers(machine, Object.values(TWIN_SERVERS).flat());
  return EbpfDirector.up(machine, { namespace: 'vipr', settings: SETTINGS, words });
}

/** From an address that only a route makes local the kernel sends no ICMPv6 errors (net/ipv6/icmp.c icmp6_send()). */
function onInterface(): string {
  const addresses = TWIN_ADDRESSES.filter((address) => address.includes(':'));
  return [...new Set(addresses)].map((address) => `addr add ${address}/128 dev lo nodad`).join('\n');
}

/** Has both directors know the link-layer addresses of servers. */
export async function knowServers(machine: VirtualMachine, addresses: Iterable<string>): Promise<void> {
  const lines = [...new Set(addresses)].map(
    (address) => `neigh replace ${address} lladdr ${serverMac(address)} nud permanent dev servers\n`,
  );
  const batch = lines.join('');
  await machine.expect(TWINS.map((twin) => `ip -n ${twin} -batch - <<'END'\n${batch}END`).join('\n'));
}

const SETTINGS = `connections: 65536
services: 1024
destinations: 8192
interfaces: [clients, servers]
marks:
- { mark: ${MARK}, address: "${MARKED.inet}0/24" }
- { mark: ${MARK}, address: "${MARKED.inet6}/64" }`;

const MARKS = `
table inet marks {
  chain arriving {
    type filter hook prerouting priority mangle;
    ip daddr ${MARKED.inet}0/24 meta mark set ${MARK}
    ip6 daddr ${MARKED.inet6}/64 meta mark set ${MARK}
  }
}`;

/** Replies of direct routing and tunnels come by, too: from the VIP, which is the director's own (accept_local). */
const SYSCTLS = `
  set_all() { value=$1; shift; for file; do echo "$value" >"$file"; done; }
  set_all 1 ipv4/ip_forward ipv6/conf/all/forwarding ipv4/conf/*/accept_local
  set_all 0 ipv4/conf/*/rp_filter ipv4/conf/*/send_redirects ipv6/conf/*/accept_dad ipv4/icmp_ratelimit ipv6/icmp/ratelimit`;

function directorSetup(twin: Twin): string {
  const links = SIDES.map((side) => {
    const end = wireEnd(twin, side);
    return `
    ip -n ${WIRE} link add ${end} type veth peer name ${side} netns ${twin} address ${DEVICE_MACS[side]}
    ip -n ${twin} link set ${side} addrgenmode none
    ip -n ${WIRE} link set ${end} addrgenmode none arp off
    ip netns exec ${WIRE} ethtool -K ${end} gro on >/dev/null
    ip netns exec ${twin} ethtool -K ${side} tx off >/dev/null`;
  });
  return `${links.join('')}
    ip netns exec ${twin} sh -ec 'cd /proc/sys/net; ${SYSCTLS}'
    ${SIDES.map((side) => `ip -n ${WIRE} link set ${wireEnd(twin, side)} up`).join('\n')}
    ip -n ${twin} -batch - <<'END'
      link set clients up
      link set servers up
      addr add 10.4.0.1/24 dev clients
      addr add fd04::1/64 dev clients nodad
      addr add ${OWN.inet}/16 dev servers
      addr add ${OWN.inet6}/64 dev servers nodad
      neigh add ${ROUTER} lladdr ${ROUTER_MAC} nud permanent dev clients
      neigh add fd04::fe lladdr ${ROUTER_MAC} nud permanent dev clients
      route add default via ${ROUTER} dev clients
      route add default via fd04::fe dev clients
      route add local ${FAMILIES.inet.virtual} dev lo
      route add local ${FAMILIES.inet6.virtual} dev lo
      ${onInterface()}
      route add local ${MARKED.inet}0/24 dev lo
      route add local ${MARKED.inet6}/64 dev lo
END`;
}
