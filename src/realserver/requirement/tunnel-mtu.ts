import type { Family } from '../../model/address.ts';
import { familiesOf, ownAddresses, tunnelLinks } from '../host-view.ts';
import type { TunnelKind } from '../real-server-settings.ts';
import type { Requirement, Situation } from './requirement.ts';

/** Bytes of a full Ethernet frame's packet, which is what most clients send. */
const USUAL_MTU = 1500;
const OUTER_BYTES: Readonly<Record<Family, number>> = { inet: 20, inet6: 40 };
/** Behind the outer header: UDP's 8 and GUE's 4; GRE's 4, and 4 for its checksum. */
const TUNNEL_BYTES: Readonly<Record<TunnelKind, number>> = { ipip: 0, gue: 12, gre: 8 };
/** An IP header and TCP's, without options. */
const INNER_BYTES: Readonly<Record<Family, number>> = { inet: 40, inet6: 60 };

/** Tunnelled, a full packet of a client is larger than the network takes: the director then has to answer for it. */
export function tunnelMtuRequirements({ settings, view }: Situation): readonly Requirement[] {
  const { tunnels, virtualAddresses } = settings;
  if (tunnels.length === 0) return [];
  const virtual = new Set<string>(virtualAddresses);
  const outer = [...familiesOf(ownAddresses(view, virtual))].map((family) => OUTER_BYTES[family]);
  const header = Math.max(20, ...outer) + Math.max(...tunnels.map(({ kind }) => TUNNEL_BYTES[kind]));
  const inner = Math.max(...[...familiesOf(virtualAddresses)].map((family) => INNER_BYTES[family]));
  return tunnelLinks(view, settings.interfaces, virtual).map(({ name, mtu }) => {
    if (mtu >= USUAL_MTU + header)
      return {
        id: 'mtu',
        state: 'ok',
        text: `${name} has room for tunnelled packets of ${USUAL_MTU} bytes (MTU ${mtu})`,
      };
    return {
      id: 'mtu',
      state: 'note',
      text: `${name} has MTU ${mtu}, a tunnelled packet of ${USUAL_MTU} bytes up to ${USUAL_MTU + header}: the director answers "fragmentation needed"`,
      advice: `Raise the MTU between director and servers to ${USUAL_MTU + header}, or have clients send less: \`ip route change default ... advmss ${mtu - header - inner}\`.`,
    };
  });
}
