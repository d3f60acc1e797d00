import { ViprError } from '../../model/error.ts';
import type { Host } from '../host.ts';
import { viewHost } from '../host-view.ts';
import type { RealServerSettings } from '../real-server-settings.ts';
import { arpRequirements } from './arp.ts';
import { decapsulationRequirements } from './decapsulation.ts';
import { replyRouteRequirements } from './reply-route.ts';
import type { Requirement, Situation } from './requirement.ts';
import { directPathRequirements } from './reverse-path.ts';
import { tunnelMtuRequirements } from './tunnel-mtu.ts';
import { loopbackRequirement, virtualAddressRequirements } from './virtual-addresses.ts';

/**
 * Everything that a real server needs, as it is now, in the order in which it is to be made: a virtual address comes last, when
 * nobody answers for it any more. Throws a ViprError for interfaces that do not exist, and a NetlinkError.
 */
export async function findRequirements(
  settings: RealServerSettings,
  host: Host,
): Promise<readonly Requirement[]> {
  const situation: Situation = { settings, host, view: await viewHost(host) };
  for (const name of settings.interfaces ?? []) requireInterface(name, situation);
  return [
    ...arpRequirements(situation),
    ...directPathRequirements(situation),
    loopbackRequirement(situation),
    ...(await decapsulationRequirements(situation)),
    ...virtualAddressRequirements(situation),
    ...replyRouteRequirements(situation),
    ...tunnelMtuRequirements(situation),
  ];
}

/** linux/if_arp.h */
const ARPHRD_ETHER = 1;

function requireInterface(name: string, { settings, view }: Situation): void {
  const link = view.links.find((each) => each.name === name);
  if (link === undefined) {
    throw new ViprError('INTERFACE_NOT_FOUND', `there is no network interface '${name}'`, {
      hint: `This host has ${view.links.map((each) => each.name).join(', ')}.`,
    });
  }
  const byProgram = settings.tunnels.length > 0 && settings.decapsulation !== 'kernel';
  if (byProgram && link.hardware !== ARPHRD_ETHER) {
    throw new ViprError('USAGE', `${name} is not an Ethernet interface: tunnels cannot be taken there.`, {
      hint: 'Name an Ethernet interface with --interface.',
    });
  }
}
