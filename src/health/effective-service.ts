import { type Destination, type DestinationKey, destinationKey } from '../model/destination.ts';
import type { HealthState } from '../model/health.ts';
import type { ServiceMonitoring } from '../model/monitoring.ts';
import type { Service } from '../model/service.ts';
import type { Weight } from '../model/unit.ts';
import { type DestinationCondition, servingWeight } from './destination-weight.ts';

/** What is known of a service. */
export interface ServiceCondition {
  readonly quorum: HealthState;
  readonly of: (destination: DestinationKey) => DestinationCondition;
}

/**
 * What a service is to be in the engine. Who is down goes, or stays with weight 0 where that is configured. Without quorum, the sorry
 * server takes the place of all; where there is none, who is up goes on serving (keepalived, ipwrapper.c, perform_svr_state and
 * perform_quorum_state). Destinations keep their order, the sorry server comes first. A service that nothing changes comes back itself.
 */
export function effectiveService(
  service: Service,
  monitoring: ServiceMonitoring,
  condition: ServiceCondition,
): Service {
  const sorry = sorryDestination(service, monitoring, condition.quorum);
  const replaced = sorry !== undefined && condition.quorum === 'down';
  const destinations: Destination[] = sorry === undefined ? [] : [sorry];
  let same = sorry === undefined;
  for (const destination of service.destinations) {
    const key = destinationKey(destination);
    const { state } = condition.of(key);
    const serves = state === 'up' && !replaced;
    const weight = serves ? servingWeight(destination.weight, condition.of(key)) : NONE;
    const stays = serves || monitoring.destinations.get(key)?.inhibitOnFailure === true;
    if (stays && !(replaced && key === destinationKey(sorry))) {
      destinations.push(weight === destination.weight ? destination : { ...destination, weight });
    }
    same &&= stays && weight === destination.weight;
  }
  return same ? service : { ...service, destinations };
}

const NONE = 0 as Weight;

/** The sorry server as it is in the table, if it is there. */
function sorryDestination(
  { destinations }: Service,
  { sorryServer }: ServiceMonitoring,
  quorum: HealthState,
): Destination | undefined {
  if (sorryServer === undefined) return undefined;
  const { destination, inhibit } = sorryServer;
  if (quorum === 'down') return destination;
  const key = destinationKey(destination);
  // One of the destinations that stands in for the others is there as itself.
  if (!inhibit || destinations.some((real) => destinationKey(real) === key)) return undefined;
  return { ...destination, weight: NONE };
}
