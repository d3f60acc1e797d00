import type { VirtualMachine } from '../lab/virtual-machine.ts';

export interface NamespaceOptions {
  /** Names of interfaces beside lo, without addresses. */
  readonly interfaces?: readonly string[];
  /** Has every IPv6 address lead to lo, so that IPVS takes any for its own. */
  readonly inet6Loopback?: boolean;
  /** What /etc/hosts of the whole guest says besides localhost. */
  readonly hosts?: ReadonlyMap<string, string>;
}

/** A fresh network namespace, in place of one of the same name. Names come from files only. */
export async function freshNamespace(
  machine: VirtualMachine,
  name: string,
  { interfaces = [], inet6Loopback = false, hosts = new Map() }: NamespaceOptions = {},
): Promise<void> {
  const devices = interfaces.map(
    (device) => `ip -n ${name} link add ${device} type dummy; ip -n ${name} link set ${device} up`,
  );
  const lines = ['127.0.0.1 localhost', ...Array.from(hosts, ([address, host]) => `${address} ${host}`)];
  await machine.expect(`
    ip netns del ${name} 2>/dev/null
    set -e
    ip netns add ${name}
    ip -n ${name} link set lo up
    ${devices.join('\n')}
    ${inet6Loopback ? `ip -n ${name} -6 route add default dev lo` : ''}
    echo 'hosts: files' >/etc/nsswitch.conf
    : >/etc/resolv.conf
    printf '%s\\n' ${lines.map((line) => `'${line}'`).join(' ')} >/etc/hosts`);
}
