import { MARK, MARKED, VIRTUAL } from '../../scheduling/scenario-address.ts';
import type { VirtualMachine } from '../lab/virtual-machine.ts';
import { RECEIVER_MAC, SENDER_MAC } from './frame.ts';

/** The namespace of a director whose servers all lie behind a device that swallows what it is sent. */
export const ARRIVALS = 'arrivals';
/** Where frames are sent to arrive at the director. */
export const DEVICE = 'sender';

export async function makeArrivalNetwork(machine: VirtualMachine): Promise<void> {
  const batch = `
    link set lo up
    addr add ${VIRTUAL.inet}/32 dev lo
    addr add ${VIRTUAL.inet6}/128 dev lo nodad
    link add ${DEVICE} address ${SENDER_MAC} type veth peer name receiver address ${RECEIVER_MAC}
    link set ${DEVICE} up
    link set receiver up
    link add servers type dummy
    link set servers up
    addr add 10.2.0.1/16 dev servers
    addr add fd02::1/64 dev servers nodad
    route add default dev servers
    route add ::/0 dev servers
    route add local ${MARKED.inet}0/24 dev lo
    route add local ${MARKED.inet6}/64 dev lo`;
  const rules = `
    table inet marks {
      chain arriving {
        type filter hook prerouting priority mangle;
        ip daddr ${MARKED.inet}0/24 meta mark set ${MARK}
        ip6 daddr ${MARKED.inet6}/64 meta mark set ${MARK}
      }
    }`;
  await machine.expect(`
    set -e
    ip netns add ${ARRIVALS}
    ip -n ${ARRIVALS} -batch - <<'END'
${batch}
END
    ip netns exec ${ARRIVALS} nft -f - <<'END'
${rules}
END`);
}
