import { type DestinationKey, destinationKey } from '../../model/destination.ts';
import type { DestinationHealth } from '../../model/health.ts';
import { type ServiceKey, serviceKey } from '../../model/service.ts';
import type { Counters, Statistics } from '../../model/statistics.ts';
import type { Sample } from './sample.ts';
import { type Traffic, trafficBetween } from './traffic.ts';

/** What is to be seen of a service or of a destination. */
export interface Figures {
  readonly activeConnections: number;
  readonly inactiveConnections: number;
  readonly traffic: Traffic;
  /** `up`, `DOWN`, `FAULT`, `drain`, `slow`, `sorry`; empty where nobody watches it. */
  readonly state: string;
}

export interface DestinationRow extends Figures {
  readonly destination: DestinationKey;
  readonly weight: number;
}

/** A service with its destinations. */
export interface ServiceRow extends Figures {
  readonly service: ServiceKey;
  readonly scheduler: string;
  readonly destinations: readonly DestinationRow[];
}

/** What a look at the director shows, with the traffic since the one before. */
export function rowsOf(sample: Sample, before?: Sample): ServiceRow[] {
  const counters = before === undefined ? new Map<string, Counters>() : countersOf(before);
  const seconds = before === undefined ? 0 : (sample.at - before.at) / 1000;
  const trafficOf = (key: string, statistics: Statistics) =>
    trafficBetween(counters.get(key), statistics, seconds);
  const health = new Map(sample.health?.map((each) => [each.service, each]));
  return sample.table.services.map((service) => {
    const key = serviceKey(service.id);
    const found = health.get(key);
    const watched = new Map(found?.destinations.map((each) => [each.destination, each]));
    const destinations = service.destinations.map((destination): DestinationRow => {
      const name = destinationKey(destination);
      return {
        destination: name,
        weight: destination.weight,
        activeConnections: destination.activeConnections,
        inactiveConnections: destination.inactiveConnections,
        traffic: trafficOf(`${key} -> ${name}`, destination.statistics),
        state: stateOf(watched.get(name)),
      };
    });
    const sum = (field: 'activeConnections' | 'inactiveConnections') =>
      destinations.reduce((total, each) => total + each[field], 0);
    return {
      service: key,
      scheduler: service.scheduler,
      activeConnections: sum('activeConnections'),
      inactiveConnections: sum('inactiveConnections'),
      traffic: trafficOf(key, service.statistics),
      state: sample.faults.has(key) ? 'FAULT' : found === undefined ? '' : QUORUM[found.quorum.state],
      destinations: [
        ...destinations,
        ...absent(watched, new Set(destinations.map((each) => each.destination))),
      ],
    };
  });
}

const QUORUM = { up: 'up', down: 'DOWN' } as const;

/** Destinations that failed are not in the table; a sorry server is missed by nobody. */
function absent(
  watched: ReadonlyMap<DestinationKey, DestinationHealth>,
  present: ReadonlySet<DestinationKey>,
): DestinationRow[] {
  return [...watched.values()]
    .filter(({ destination, role }) => role === 'real' && !present.has(destination))
    .map((each) => ({
      destination: each.destination,
      weight: 0,
      activeConnections: 0,
      inactiveConnections: 0,
      traffic: NO_TRAFFIC,
      state: stateOf(each),
    }));
}

const NO_TRAFFIC: Traffic = { connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0 };

function stateOf(health: DestinationHealth | undefined): string {
  if (health === undefined) return '';
  if (health.state === 'down') return 'DOWN';
  if (health.role === 'sorry') return 'sorry';
  if (health.reason === 'draining') return 'drain';
  return health.reason === 'slow start' ? 'slow' : 'up';
}

function countersOf({ table }: Sample): Map<string, Counters> {
  const found = new Map<string, Counters>();
  for (const service of table.services) {
    const key = serviceKey(service.id);
    found.set(key, service.statistics.counters);
    for (const destination of service.destinations) {
      found.set(`${key} -> ${destinationKey(destination)}`, destination.statistics.counters);
    }
  }
  return found;
}
