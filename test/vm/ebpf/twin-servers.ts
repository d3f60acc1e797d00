import { type Flow, flowKey } from '../../scheduling/flow.ts';
import type { Scenario } from '../../scheduling/scenario.ts';
import { connectionLines } from '../guest/twin/connection-line.ts';
import { runGuestProgram } from '../lab/guest-program.ts';
import type { VirtualMachine } from '../lab/virtual-machine.ts';
import { guestSteps } from '../scheduling/guest-steps.ts';
import { type Twin, WIRE } from './twin-address.ts';
import { knowServers } from './twin-network.ts';

const LIMIT_MS = 400_000;

/** The servers that both directors give to the flows of scenarios, by flow. Flows that nobody took are absent. */
export async function twinServers(
  machine: VirtualMachine,
  socket: string,
  scenarios: readonly Scenario[],
): Promise<Readonly<Record<Twin, ReadonlyMap<string, string>>>> {
  // Services of other tests may be there.
  const steps = [{ lines: ['-C'] }, ...guestSteps(scenarios)];
  const lines = steps.flatMap((step) => ('lines' in step ? step.lines : []));
  await knowServers(
    machine,
    lines.flatMap((line) => serverOf(line) ?? []),
  );
  const lists = (await runGuestProgram(machine, 'twin-arrivals', {
    namespace: WIRE,
    input: { socket, steps },
    limitMilliseconds: LIMIT_MS,
  })) as Readonly<Record<Twin, readonly string[]>>;
  return { kernel: serversOf(lists.kernel), vipr: serversOf(lists.vipr) };
}

/** The address of the server in a line of `ipvsadm -R`. */
function serverOf(line: string): string | undefined {
  const [, inet6, inet] = / -r (?:\[(\S+)\]:\d+|([\d.]+))/.exec(line) ?? [];
  return inet6 ?? inet;
}

function serversOf(lists: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    lists.flatMap(connectionLines).map(({ flow, server }) => {
      const [protocol = '', client = '', virtual = ''] = flow.split(' ');
      const [clientEnd, virtualEnd] = [client, virtual].map(endOf);
      const key: Flow = {
        protocol: protocol === 'TCP' ? 'tcp' : 'udp',
        clientAddress: clientEnd?.address ?? '',
        clientPort: clientEnd?.port ?? 0,
        virtualAddress: virtualEnd?.address ?? '',
        virtualPort: virtualEnd?.port ?? 0,
      };
      return [flowKey(key), endOf(server).address];
    }),
  );
}

function endOf(text: string): { readonly address: string; readonly port: number } {
  const at = text.lastIndexOf(':');
  return { address: text.slice(0, at).replace(/^\[(.*)\]$/, '$1'), port: Number(text.slice(at + 1)) };
}
