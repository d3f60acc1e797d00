import { MARK, MARKED, VIRTUAL } from '../../scheduling/scenario-address.ts';
import type { VirtualMachine } from '../lab/virtual-machine.ts';
import { RECEIVER_MAC, SENDER_MAC } from './frame.ts';

/** The namespace of a director whose servers all lie behind a device that swallows what it is sent. */
export const ARRIVALS = 'arrivals';
/** Where frames are sent to arrive at the director. */
export const SENDER = 'sender';
/** Where the director sends what is for servers and clients. */
export const SERVERS = 'servers';

export async function makeArrivalNetwork(machine: VirtualMachine): Promise<void> {
  const batch = `
    link set lo up
    addr add ${VIRTUAL.inet}/32 dev lo
    addr add ${VIRTUAL.inet6}/128 dev lo nodad
    link add ${SENDER} address ${SENDER_MAC} type veth peer name receiver address ${RECEIVER_MAC}
    link set ${SENDER} up
    link set receiver up
    link add ${SERVERS} type dummy
    link set ${SERVERS} up
    addr add 10.2.0.1/16 dev ${SERVERS}
    addr add fd02::1/64 dev ${SERVERS} nodad
    route add default dev ${SERVERS}
    route add ::/0 dev ${SERVERS}
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
