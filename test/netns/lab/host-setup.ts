import { CLIENT_ADDRESSES, directorAddress, FAMILIES, serverAddress, VIRTUAL_PREFIXES } from './address.ts';
import { type LabOptions, offloadWords } from './lab-options.ts';
import { linksOf, SWITCH } from './wiring.ts';

/**
 * The shell script that sets offloads, run inside a namespace when its devices are there, and before any device goes up: then veth
 * decides whether XDP can be redirected to it, by its peer's `gro` (drivers/net/veth.c, veth_set_xdp_features).
 */
export function offloadSetup(host: string, options: LabOptions): string {
  const words = offloadWords(options);
  if (words.length === 0) return '';
  return devicesOf(host, options)
    .map((name) => `ethtool -K ${name} ${words.join(' ')}\n`)
    .join('');
}

/** The shell script that sets a host up, run inside its namespace. */
export function hostSetup(host: string, options: LabOptions): string {
  const devices = devicesOf(host, options);
  return [
    'set -e',
    SYSCTLS,
    ...(host.startsWith('lvs') ? [FORWARDING] : []),
    "ip -batch - <<'END'",
    'link set lo up',
    ...batchOf(host, devices),
    'END',
  ].join('\n');
}

/**
 * The shell script that waits until the host's links work, run when all are set up. The kernel brings them up to a second late,
 * but at once where one is asked about (net/core/rtnetlink.c, rtnl_getlink).
 */
export function untilUp(host: string, options: LabOptions): string {
  return `
    for name in ${devicesOf(host, options).join(' ')}; do
      until [ "$(cat /sys/class/net/$name/operstate)" = up ]; do
        ip link show dev $name >/dev/null
        sleep 0.01
      done
    done`;
}

/**
 * Answers take other ways than requests (rp_filter), servers do not claim VIPs (arp_*), addresses are there at once (accept_dad),
 * servers bind VIPs that only a route makes local, bridges stay bridges, and no ICMP error is held back.
 */
const SYSCTLS = `
  cd /proc/sys/net
  set_all() { value=$1; shift; for file; do [ ! -e "$file" ] || echo "$value" >"$file"; done; }
  set_all 0 ipv4/conf/*/rp_filter ipv4/conf/*/send_redirects ipv6/conf/*/accept_dad ipv6/conf/*/accept_ra
  set_all 0 ipv4/icmp_ratelimit ipv6/icmp/ratelimit bridge/bridge-nf-call-*
  set_all 1 ipv4/conf/*/arp_ignore ipv6/ip_nonlocal_bind
  set_all 2 ipv4/conf/*/arp_announce
  cd /`;

const FORWARDING = `
  echo 1 >/proc/sys/net/ipv4/ip_forward
  echo 1 >/proc/sys/net/ipv6/conf/all/forwarding`;

function devicesOf(host: string, options: LabOptions): readonly string[] {
  const ends = linksOf(options).flatMap((link) => link.ends);
  return ends.filter((end) => end.host === host).map(({ name }) => name);
}

function batchOf(host: string, devices: readonly string[]): readonly string[] {
  const [, stem, digits] = /^(lvs|rs)(\d)$/.exec(host) ?? [];
  if (host === SWITCH) return switchBatch(devices);
  if (stem === undefined) return clientBatch();
  return stem === 'lvs' ? directorBatch(Number(digits)) : serverBatch(Number(digits));
}

function switchBatch(ports: readonly string[]): readonly string[] {
  const bridges = new Set(ports.map((port) => port.replace(/-.*/, '')));
  return [
    ...[...bridges].map((bridge) => `link add ${bridge} type bridge stp_state 0 mcast_snooping 0`),
    ...ports.map((port) => `link set ${port} master ${port.replace(/-.*/, '')} up`),
    ...[...bridges].map((bridge) => `link set ${bridge} up`),
  ];
}

function clientBatch(): readonly string[] {
  const { inet, inet6 } = CLIENT_ADDRESSES;
  return [
    `addr add ${inet.throughDirector}/16 dev eth0`,
    `addr add ${inet6.throughDirector}/64 dev eth0 nodad`,
    `addr add ${inet.pastDirector}/16 dev eth1`,
    `addr add ${inet6.pastDirector}/64 dev eth1 nodad`,
    'link set eth0 up',
    'link set eth1 up',
    ...FAMILIES.map((family) => `route add default via ${directorAddress(family, 1, 'front')}`),
  ];
}

function directorBatch(number: number): readonly string[] {
  const { inet, inet6 } = CLIENT_ADDRESSES;
  return [
    `addr add ${directorAddress('inet', number, 'front')}/16 dev eth0`,
    `addr add ${directorAddress('inet6', number, 'front')}/64 dev eth0 nodad`,
    `addr add ${directorAddress('inet', number, 'lan')}/24 dev eth1`,
    `addr add ${directorAddress('inet6', number, 'lan')}/64 dev eth1 nodad`,
    'link set eth0 up',
    'link set eth1 up',
    // The client's other address is to be reached the way that its requests come.
    `route add 10.3.0.0/16 via ${inet.throughDirector}`,
    `route add fd03::/64 via ${inet6.throughDirector}`,
    ...virtualRoutes(),
  ];
}

function serverBatch(number: number): readonly string[] {
  return [
    `addr add ${serverAddress('inet', number)}/24 dev eth0`,
    `addr add ${serverAddress('inet6', number)}/64 dev eth0 nodad`,
    'link set eth0 up',
    ...FAMILIES.map((family) => `route add default via ${directorAddress(family, 1, 'lan')}`),
    'route add 10.3.0.0/16 dev eth0',
    'route add fd03::/64 dev eth0',
    ...virtualRoutes(),
  ];
}

function virtualRoutes(): readonly string[] {
  return FAMILIES.map((family) => `route add local ${VIRTUAL_PREFIXES[family]} dev lo`);
}
