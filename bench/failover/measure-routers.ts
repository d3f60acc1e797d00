import { measureTakeover, openRouterLab } from '../../test/netns/failover/peers/measure-takeover.ts';
import type { RouterKind, Sharing } from '../../test/netns/failover/peers/router.ts';
import type { Measurement } from '../benchmark.ts';
import { measurementOf } from '../ebpf/measurement-of.ts';
import { median } from '../statistics.ts';

const ROUNDS = 5;
const KINDS = ['keepalived', 'vipr'] as const satisfies readonly RouterKind[];
const SHARINGS: readonly (Sharing & { readonly name: string })[] = [
  { name: 'version 3, every 250 ms', family: 'inet', cast: 'multicast', version: 3, intervalMs: 250 },
  { name: 'version 3, every 250 ms, IPv6', family: 'inet6', cast: 'multicast', version: 3, intervalMs: 250 },
  { name: 'version 2, every second', family: 'inet', cast: 'multicast', version: 2, intervalMs: 1000 },
];

/** VRRP alone: the master's host is dead, and the backup takes the address. keepalived and vipr in turn. */
export async function measureRouters(): Promise<readonly Measurement[]> {
  const lab = await openRouterLab();
  try {
    const measurements: Measurement[] = [];
    for (const sharing of SHARINGS) {
      const taken: Record<RouterKind, number[]> = { keepalived: [], vipr: [] };
      for (let round = 0; round < ROUNDS; round++)
        for (const kind of KINDS)
          taken[kind].push((await measureTakeover(lab, [kind, kind], sharing)).milliseconds);
      const name = (kind: RouterKind): string => `VRRP, ${sharing.name}: ${kind}`;
      const ratio = { to: 'keepalived', value: median(taken.vipr) / median(taken.keepalived) };
      measurements.push(
        measurementOf(name('keepalived'), 'ms', taken.keepalived),
        measurementOf(name('vipr'), 'ms', taken.vipr, { ratio }),
      );
    }
    return measurements;
  } finally {
    await lab.close();
  }
}
