import type { SchedulingRequest } from '../../../scheduling/scheduler.ts';
import type { LiveDestination } from '../../table/live-destination.ts';
import type { LiveService } from '../../table/live-service.ts';

/** The destination that the service's scheduler chooses. */
export function pick(service: LiveService, request: SchedulingRequest): LiveDestination | undefined {
  return service.scheduler?.schedule(request);
}

/**
 * Another destination after those in `tried` refused the connection. They count as overloaded while the scheduler
 * chooses; where it has no other (a hash scheduler without its fallback flag), the least loaded of the rest is taken.
 */
export function pickAnother(
  service: LiveService,
  request: SchedulingRequest,
  tried: readonly LiveDestination[],
): LiveDestination | undefined {
  const before = tried.map((destination) => destination.overloaded);
  for (const destination of tried) destination.overloaded = true;
  try {
    const picked = service.scheduler?.schedule(request);
    if (picked !== undefined && !tried.includes(picked)) return picked;
    return (
      service.scheduler && leastLoaded(service.destinations.filter((candidate) => !tried.includes(candidate)))
    );
  } finally {
    tried.forEach((destination, index) => {
      destination.overloaded = before[index] ?? false;
    });
  }
}

function leastLoaded(candidates: readonly LiveDestination[]): LiveDestination | undefined {
  let best: LiveDestination | undefined;
  for (const candidate of candidates) {
    if (candidate.weight === 0 || candidate.overloaded) continue;
    if (best === undefined || candidate.activeConnections < best.activeConnections) best = candidate;
  }
  return best;
}
