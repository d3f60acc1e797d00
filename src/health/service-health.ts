import { type Destination, type DestinationKey, destinationKey } from '../model/destination.ts';
import type { DestinationHealth, ServiceHealth } from '../model/health.ts';
import { checkedWeight } from './destination-weight.ts';
import type { WatchedDestination } from './watched-destination.ts';
import type { WatchedService } from './watched-service.ts';

/** What a destination has in the engine; undefined where it is not there. */
export type WeightOf = (destination: DestinationKey) => number | undefined;

/** How a watched service is. Without `weightOf`, weights are those of the effective service. */
export function serviceHealth(
  watched: WatchedService,
  weightOf: WeightOf = effectiveWeights(watched),
): ServiceHealth {
  const { monitoring, quorum, destinations, service } = watched;
  const sorry = monitoring.sorryServer?.destination;
  const replaced = quorum === 'down' && sorry !== undefined;
  return {
    service: watched.key,
    quorum: {
      state: quorum,
      needed: monitoring.quorum,
      hysteresis: monitoring.hysteresis,
      alive: watched.alive,
    },
    destinations: [
      ...service.destinations.flatMap((destination) => {
        const known = destinations.get(destinationKey(destination));
        return known === undefined ? [] : [realHealth(known, replaced, weightOf(known.key))];
      }),
      ...(sorry === undefined
        ? []
        : [sorryHealth(sorry, quorum === 'down', watched.since, weightOf(destinationKey(sorry)))]),
    ],
  };
}

function effectiveWeights(watched: WatchedService): WeightOf {
  const { destinations } = watched.effective(watched.service);
  const weights = new Map(
    destinations.map((destination) => [destinationKey(destination), destination.weight]),
  );
  return (destination) => weights.get(destination);
}

function realHealth(
  watched: WatchedDestination,
  replaced: boolean,
  weight: number | undefined,
): DestinationHealth {
  const configuredWeight = watched.destination.weight;
  const reason = weight === configuredWeight ? undefined : whyAnother(watched, replaced);
  return {
    destination: watched.key,
    role: 'real',
    state: watched.state,
    since: new Date(watched.since).toISOString(),
    configuredWeight,
    ...(weight !== undefined && { weight }),
    ...(reason !== undefined && { reason }),
    checks: watched.runners.map((runner) => runner.status()),
  };
}

/** Why a weight is not the configured one, as far as health has to do with it. */
function whyAnother(
  { state, condition, destination }: WatchedDestination,
  replaced: boolean,
): string | undefined {
  if (state === 'down') return 'down';
  if (replaced) return 'no quorum';
  if (condition.slowStart !== undefined) return 'slow start';
  if (checkedWeight(destination.weight, condition.verdicts) !== destination.weight) return 'set by a check';
  return undefined;
}

function sorryHealth(
  destination: Destination,
  needed: boolean,
  since: number,
  weight: number | undefined,
): DestinationHealth {
  return {
    destination: destinationKey(destination),
    role: 'sorry',
    state: 'up',
    since: new Date(since).toISOString(),
    configuredWeight: destination.weight,
    ...(weight !== undefined && { weight }),
    ...(!needed && weight !== destination.weight && { reason: 'not needed' }),
    checks: [],
  };
}
