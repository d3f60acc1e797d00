import { HostEnvironment } from '../../src/engines/table/environment.ts';
import type { LiveDestination } from '../../src/engines/table/live-destination.ts';
import { LiveTable } from '../../src/engines/table/live-table.ts';
import { parseCommand } from '../../src/ipvsadm/parse.ts';
import { familyOf, type IpAddress } from '../../src/model/address.ts';
import { type ServiceKey, serviceKey } from '../../src/model/service.ts';
import type { Port } from '../../src/model/unit.ts';
import { findScheduler } from '../../src/scheduling/registry.ts';
import { fixedNames } from '../ipvsadm/fixed-names.ts';
import { type Flow, flowKey } from './flow.ts';
import type { Scenario, ScenarioStep } from './scenario.ts';
import { MARK } from './scenario-address.ts';

/** The servers that vipr's schedulers give to the flows of a scenario, by flow; undefined where nobody takes a flow. */
export async function referenceServers(
  scenario: Scenario,
  random: () => number = Math.random,
): Promise<Map<string, string | undefined>> {
  const reference = new Reference(random);
  for (const step of scenario.steps) await reference.take(step);
  return reference.servers;
}

/** A director without packets: the live table, and connections as far as they count for schedulers. */
export class Reference {
  /** Who took each flow that did not expire. */
  readonly servers = new Map<string, string | undefined>();
  readonly #destinations = new Map<string, LiveDestination>();
  readonly #active = new Set<string>();
  readonly #table: LiveTable;

  constructor(random: () => number) {
    this.#table = new LiveTable({
      environment: new HostEnvironment(),
      schedulers: findScheduler,
      modules: { now: () => 0, random },
    });
  }

  async take(step: ScenarioStep): Promise<void> {
    switch (step.kind) {
      case 'configure':
        return await this.#configure(step.line);
      case 'open':
        return this.#open(step.flow);
      case 'finish':
        return this.#finish(step.flow);
      case 'expire':
        for (const flow of step.flows) this.#expire(flow);
        return;
      default:
        throw new TypeError(`no such step: ${step satisfies never}`);
    }
  }

  async #configure(line: string): Promise<void> {
    const command = await parseCommand(line.split(' '), fixedNames());
    if (command.kind !== 'operation') throw new TypeError(`${line} changes nothing`);
    this.#table.execute(command.operation);
  }

  #open(flow: Flow): void {
    const service = this.#table.find(this.#serviceOf(flow));
    const destination = service?.scheduler?.schedule({
      clientAddress: flow.clientAddress as IpAddress,
      clientPort: flow.clientPort as Port,
      virtualAddress: flow.virtualAddress as IpAddress,
    });
    this.servers.set(flowKey(flow), destination?.address);
    if (destination === undefined) return;
    destination.bind();
    if (flow.protocol === 'tcp') {
      destination.markActive();
      this.#active.add(flowKey(flow));
    }
    this.#destinations.set(flowKey(flow), destination);
  }

  /** Packets of a deleted server's connections are dropped, and change nothing (ip_vs_core.c, ip_vs_in_hook). */
  #finish(flow: Flow): void {
    const destination = this.#destinations.get(flowKey(flow));
    if (!destination?.available) return;
    if (this.#active.delete(flowKey(flow))) destination.markInactive();
  }

  #expire(flow: Flow): void {
    const key = flowKey(flow);
    this.#destinations.get(key)?.unbind(this.#active.delete(key));
    this.#destinations.delete(key);
    this.servers.delete(key);
  }

  #serviceOf({ protocol, virtualAddress, virtualPort }: Flow): ServiceKey {
    const address = virtualAddress as IpAddress;
    const exact = serviceKey({ kind: 'address', protocol, address, port: virtualPort as Port });
    if (this.#table.find(exact)) return exact;
    return serviceKey({ kind: 'fwmark', fwmark: MARK, family: familyOf(address) });
  }
}
