import { destinationKey } from '../model/destination.ts';
import type { Monitoring } from '../model/monitoring.ts';
import { type Service, serviceKey } from '../model/service.ts';
import type { Weight } from '../model/unit.ts';

const NONE = 0 as Weight;

/**
 * A service of a configuration that is not watched yet, without the destinations that have to pass a check before they serve: those with
 * `alpha` that nobody watches so far.
 */
export function startsOut(service: Service, next: Monitoring, present: Monitoring): Service {
  const key = serviceKey(service.id);
  const [monitoring, known] = [next.get(key), present.get(key)];
  if (monitoring === undefined || monitoring === known) return service;
  const destinations = service.destinations.flatMap((destination) => {
    const watched = monitoring.destinations.get(destinationKey(destination));
    const isNew = known?.destinations.has(destinationKey(destination)) !== true;
    const isOut = isNew && watched?.checks.some(({ timing }) => timing.alpha) === true;
    if (!isOut) return [destination];
    return watched.inhibitOnFailure ? [{ ...destination, weight: NONE }] : [];
  });
  return { ...service, destinations };
}
