import { addressFromBytes } from '../../../src/model/address.ts';
import { type Flow, flowKey } from '../../scheduling/flow.ts';
import type { Scenario, ScenarioStep } from '../../scheduling/scenario.ts';
import { runGuestProgram } from '../lab/guest-program.ts';
import type { VirtualMachine } from '../lab/virtual-machine.ts';
import { ARRIVALS, DEVICE } from './arrival-network.ts';
import { ACK, FIN_ACK, frameOf, SYN } from './frame.ts';
import type { GuestStep } from './guest-step.ts';

/** A timeout of a second, and what the kernel's timers and a slow guest take. */
const EXPIRY_MS = 3000;

/** The servers that the guest's IPVS gives to the flows of scenarios, by flow. Flows that nobody took are absent, as are those that
 * expired. */
export async function kernelServers(
  machine: VirtualMachine,
  scenarios: readonly Scenario[],
): Promise<Map<string, string>> {
  const steps = scenarios.flatMap(({ steps }) => guestSteps(steps));
  const list = await runGuestProgram(machine, 'arrivals', {
    namespace: ARRIVALS,
    input: { device: DEVICE, steps },
  });
  if (typeof list !== 'string') throw new TypeError('the guest sent no list');
  return parseConnections(list);
}

/** Commands that follow one another go to one `ipvsadm -R`, packets to one step. */
function guestSteps(steps: readonly ScenarioStep[]): GuestStep[] {
  const merged: ({ lines: string[] } | { frames: string[] } | { pause: number })[] = [];
  for (const step of steps) {
    const last = merged.at(-1);
    if (step.kind === 'expire') {
      merged.push({ pause: EXPIRY_MS });
    } else if (step.kind === 'configure') {
      if (last !== undefined && 'lines' in last) last.lines.push(step.line);
      else merged.push({ lines: [step.line] });
    } else {
      const frames = packets(step).map((frame) => Buffer.from(frame).toString('base64'));
      if (last !== undefined && 'frames' in last) last.frames.push(...frames);
      else merged.push({ frames });
    }
  }
  return merged;
}

function packets({ kind, flow }: Extract<ScenarioStep, { kind: 'open' | 'finish' }>): Uint8Array[] {
  if (kind === 'finish') return [frameOf(flow, FIN_ACK)];
  return flow.protocol === 'udp' ? [frameOf(flow, 0)] : [frameOf(flow, SYN), frameOf(flow, ACK)];
}

/** /proc/net/ip_vs_conn: protocol, client, port, virtual address, port, server, port, all but the first in hexadecimal. */
function parseConnections(list: string): Map<string, string> {
  const servers = new Map<string, string>();
  for (const line of list.split('\n').slice(1)) {
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
