import type { EngineInfo, ServiceFaults } from '../../engines/engine.ts';
import type { ServiceHealth } from '../../model/health.ts';
import type { Counters } from '../../model/statistics.ts';
import type { TableSnapshot } from '../../model/table.ts';
import type { VrrpStatus } from '../../model/vrrp-status.ts';
import type { DrainStatus, EventKind } from '../operated-director.ts';
import type { DirectorInfo, Synchronisation, TableChange } from '../protocol.ts';
import { readSynchronisation } from '../read-synchronisation.ts';
import type { ControlledDirector } from '../server.ts';
import type { MetricState } from './metric-state.ts';

/** Everything that one scrape tells, as of one moment. */
export interface MetricFacts {
  readonly director: DirectorInfo;
  readonly engine: EngineInfo;
  readonly table: TableSnapshot;
  readonly faults: ServiceFaults;
  readonly health: readonly ServiceHealth[];
  readonly drains: readonly DrainStatus[];
  readonly drift: readonly TableChange[];
  readonly vrrp: VrrpStatus;
  readonly synchronisation: Synchronisation;
  /** Of all services, those that are gone included. */
  readonly totals: Counters;
  readonly events: ReadonlyMap<EventKind, number>;
  /** Seconds that it took to read all this. */
  readonly duration: number;
}

export async function readMetricFacts(
  director: ControlledDirector,
  state: MetricState,
): Promise<MetricFacts> {
  const started = performance.now();
  const [engine, table, faults, health, drains] = await Promise.all([
    director.info(),
    director.snapshot(),
    director.faults(),
    director.health(),
    director.drains(),
  ]);
  return {
    director: director.describe(),
    engine,
    table,
    faults,
    health,
    drains,
    drift: director.drift(),
    vrrp: director.vrrp(),
    synchronisation: await readSynchronisation(director, table),
    totals: state.addUp(table),
    events: state.eventCounts,
    duration: (performance.now() - started) / 1000,
  };
}
