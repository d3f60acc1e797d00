import type { DestinationKey } from '../model/destination.ts';
import type { ServiceHealth } from '../model/health.ts';
import type { Monitoring } from '../model/monitoring.ts';
import type { Service, ServiceKey } from '../model/service.ts';
import type { Table } from '../model/table.ts';
import type { HealthModules } from './health-modules.ts';

/** What a destination has in the engine; undefined where it is not there. */
export type WeightOf = (service: ServiceKey, destination: DestinationKey) => number | undefined;

/** Runs the checks of a configuration, and says what its services are to be in the engine because of them. */
export class HealthMonitor {
  constructor(_modules: HealthModules) {}

  /**
   * Watches what is given here from now on; checks and states of what stays are kept, the rest ends. Tells of quorums that the new
   * configuration changes, but does not call `onChange`: ask for the effective services after it.
   */
  watch(_table: Table, _monitoring: Monitoring): void {}

  /** What a service of the configuration is to be in the engine now; one without monitoring comes back as it is. */
  effective(service: Service): Service {
    return service;
  }

  /** How the watched services are, in the table's order. Without `weightOf`, weights are those of the effective services. */
  health(_weightOf?: WeightOf): readonly ServiceHealth[] {
    return [];
  }

  /** Ends all checks. Services with `omega` are told as down first; what is effective does not change by that. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}
