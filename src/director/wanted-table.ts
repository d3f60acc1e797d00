import type { Service } from '../model/service.ts';
import { serviceKey } from '../model/service.ts';
import { destinationSettings, serviceSettings } from '../model/settings.ts';
import type { Table } from '../model/table.ts';
import type { Drains } from './drains.ts';
import type { OwnedServices } from './owned-services.ts';

/**
 * The live table, but with what is wanted of the director's services in their places: what checks and drains took out of them at the
 * moment is there. Services that are wanted and that the engine refused come last.
 */
export function wantedTable(
  live: Table,
  { wanted }: Pick<OwnedServices, 'wanted'>,
  drains: Pick<Drains, 'undo'>,
): Table {
  const present = new Set(live.services.map(({ id }) => serviceKey(id)));
  const services = live.services.map((service) => wanted.get(serviceKey(service.id)) ?? drains.undo(service));
  const missing = wanted.all().filter(({ id }) => !present.has(serviceKey(id)));
  return { timeouts: live.timeouts, services: [...services, ...missing].map(settingsOf) };
}

function settingsOf(service: Service): Service {
  const destinations = service.destinations.map(destinationSettings);
  return { id: service.id, ...serviceSettings(service), destinations };
}
