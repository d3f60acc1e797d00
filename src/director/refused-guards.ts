import type { Config } from '../config/config.ts';
import type { ConfigProblem } from '../config/config-problem.ts';
import type { EngineDefinition } from './engine-registry.ts';

const OWNER = 255;

/**
 * Instances with `accept: false` whose addresses have services, on an engine that serves them by sockets of this host: what is kept from
 * programs of the host is kept from those, too. Engines in the kernel take their packets before that.
 */
export function refusedGuards(
  { table, vrrp, source }: Config,
  { name }: Pick<EngineDefinition, 'name'>,
): ConfigProblem[] {
  if (name !== 'relay') return [];
  const served = new Set(table.services.flatMap(({ id }) => (id.kind === 'address' ? [id.address] : [])));
  return (vrrp?.instances ?? []).flatMap(({ accept, priority, addresses, excludedAddresses }, index) => {
    if (accept || priority === OWNER) return [];
    const cut = [...addresses, ...excludedAddresses].find(({ address }) => served.has(address));
    if (cut === undefined) return [];
    const text = `false would cut off the services on ${cut.address}, which the relay serves by sockets of this host. Use ipvs or ebpf, or let packets in`;
    return [source.problem(['vrrp', 'instances', index, 'accept'], text)];
  });
}
