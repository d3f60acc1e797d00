import { type Destination, destinationKey } from '../model/destination.ts';
import { diffTables } from '../model/diff.ts';
import type { Operation } from '../model/operation.ts';
import type { Service } from '../model/service.ts';
import { sameDestinationSettings, sameServiceSettings, serviceSettings } from '../model/settings.ts';
import { DEFAULT_TIMEOUTS } from '../model/table.ts';

/**
 * What makes a service of the engine what it is to be now, and leaves alone what others changed of it: of settings and destinations, only those
 * are touched that are to be another thing than before.
 *
 * @param before what the director made of the service
 * @param wanted what it is to be
 * @param live what it is in the engine
 */
export function mergeService(before: Service, wanted: Service, live: Service): Operation[] {
  const [was, is] = [byKey(before.destinations), byKey(wanted.destinations)];
  const concerned = new Set(
    [...was.keys(), ...is.keys()].filter((key) => !sameDestination(was.get(key), is.get(key))),
  );
  const limited = (destinations: readonly Destination[]) =>
    destinations.filter((destination) => concerned.has(destinationKey(destination)));
  const settings = serviceSettings(sameServiceSettings(before, wanted) ? live : wanted);
  const to: Service = { id: live.id, ...settings, destinations: limited(wanted.destinations) };
  const from: Service = { ...live, destinations: limited(live.destinations) };
  return diffTables(tableOf(from), tableOf(to));
}

function byKey(destinations: readonly Destination[]): ReadonlyMap<string, Destination> {
  return new Map(destinations.map((destination) => [destinationKey(destination), destination]));
}

function sameDestination(one: Destination | undefined, other: Destination | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return sameDestinationSettings(one, other);
}

function tableOf(service: Service) {
  return { services: [service], timeouts: DEFAULT_TIMEOUTS };
}
