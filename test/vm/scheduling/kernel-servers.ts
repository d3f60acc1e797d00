import { addressFromBytes } from '../../../src/model/address.ts';
import { type Flow, flowKey } from '../../scheduling/flow.ts';
import type { Scenario } from '../../scheduling/scenario.ts';
import { runGuestProgram } from '../lab/guest-program.ts';
import type { VirtualMachine } from '../lab/virtual-machine.ts';
import { ARRIVALS } from './arrival-network.ts';
import { guestSteps } from './guest-steps.ts';

/** The servers that the guest's IPVS gives to the flows of scenarios, by flow. Flows that nobody took are absent, as are those that
 * expired. */
export async function kernelServers(
  machine: VirtualMachine,
  scenarios: readonly Scenario[],
): Promise<Map<string, string>> {
  const lists = (await runGuestProgram(machine, 'arrivals', {
    namespace: ARRIVALS,
    input: guestSteps(scenarios),
  })) as readonly string[];
  return parseConnections(lists);
}

/** /proc/net/ip_vs_conn: protocol, client, port, virtual address, port, server, port, all but the first in hexadecimal. */
function parseConnections(lists: readonly string[]): Map<string, string> {
  const servers = new Map<string, string>();
  for (const line of lists.flatMap((list) => list.split('\n').slice(1))) {
    const [protocol = '', client = '', port = '', address = '', virtualPort = '', server = ''] =
      line.split(/ +/);
    if (server === '') continue;
    const flow: Flow = {
      protocol: protocol === 'TCP' ? 'tcp' : 'udp',
      clientAddress: addressOf(client),
      clientPort: Number.parseInt(port, 16),
      virtualAddress: addressOf(address),
      virtualPort: Number.parseInt(virtualPort, 16),
    };
    servers.set(flowKey(flow), addressOf(server));
  }
  return servers;
}

/** `C000020A`, or eight groups of IPv6. */
function addressOf(hexadecimal: string): string {
  return addressFromBytes(Buffer.from(hexadecimal.replaceAll(':', ''), 'hex'));
}
