import { join } from 'node:path';
import { CHECKOUT } from '../lab/cache.ts';
import type { VirtualMachine } from '../lab/virtual-machine.ts';
import { CLIENT, DIRECTOR, FAMILIES } from './network.ts';

/** Whose ipvsadm the traffic tests call: vipr's own; VIPR_VM_IPVSADM=original takes Debian's, to test the tests. */
const ORIGINAL = process.env.VIPR_VM_IPVSADM === 'original';

/** What scripts of {@link trafficScript} find. */
const FUNCTIONS = `
  on() { ip netns exec "$@"; }
  lvs1() { on ${DIRECTOR} "$@"; }
  client() { on ${CLIENT} "$@"; }
  # Has what the client sends to the VIPs come from these addresses of its own.
  client_is() {
    ip -n ${CLIENT} route replace ${FAMILIES.inet.virtual} via 10.1.0.1 src "$1"
    ip -n ${CLIENT} route replace ${FAMILIES.inet6.virtual} via fd01::1 src "$2"
  }
  # Fetches a page that often, each time over a connection of its own.
  fetch() {
    urls=; for i in $(seq "$2"); do urls="$urls $1"; done
    client curl --silent --show-error --max-time 10 --header 'Connection: close' $urls
  }
  # Waits until the kernel, which sums up every other second, shows so many connections of a service.
  counted() {
    for i in $(seq 60); do
      lvs1 /usr/sbin/ipvsadm -Ln --stats | grep -q "$1 *$2 " && return
      sleep 0.5
    done
  }
  # Sends datagrams to port 53 of an address, each from a port of its own, and prints the answers.
  ask() {
    client timeout 20 bash -c '
      for i in $(seq "$2"); do exec 3<>"/dev/udp/$1/53"; echo >&3; head -n 1 <&3; exec 3>&-; done' ask "$1" "$2"
  }`;

/** Runs a script on which `ipvsadm` is vipr's command, as a process for each call. Returns what it printed. */
export function trafficScript(
  machine: VirtualMachine,
  script: string,
  limitMilliseconds = 60_000,
): Promise<string> {
  const path = ORIGINAL ? '' : `export PATH=${join(CHECKOUT, 'bin')}:$PATH`;
  return machine.expect(`${path}\n${FUNCTIONS}\nset -e\n${script}`, limitMilliseconds);
}
