import type { ExplainedDestination } from '../api/operated-director.ts';
import { type DestinationId, type DestinationKey, destinationKey } from '../model/destination.ts';
import type { DestinationHealth, ServiceHealth } from '../model/health.ts';
import type { Service } from '../model/service.ts';
import type { DestinationStatus, ServiceStatus } from '../model/table.ts';
import type { SchedulerDestination } from '../scheduling/scheduler.ts';

/** What is known of a service beside its state in the engine. */
export interface ExplainedService {
  readonly live: ServiceStatus;
  /** Absent where the service is not the director's. */
  readonly wanted: Service | undefined;
  /** Absent where it is not watched. */
  readonly health: ServiceHealth | undefined;
  readonly isDrained: (destination: DestinationKey) => boolean;
}

/** A destination of the engine, as its scheduler sees it. */
export interface Candidate extends SchedulerDestination {
  readonly upperThreshold: number;
  /** Whether it cannot be told from the counts if the destination is over its threshold. */
  readonly unsure: boolean;
}

/** The destinations of the engine, in its order. */
export function candidatesOf({ live, wanted }: ExplainedService): Candidate[] {
  return live.destinations.map((destination): Candidate => {
    const { address, port, weight, activeConnections, inactiveConnections, upperThreshold } = destination;
    const connections = activeConnections + inactiveConnections;
    const overloaded = upperThreshold > 0 && connections >= upperThreshold;
    const known = wanted?.destinations.find((each) => destinationKey(each) === destinationKey(destination));
    return {
      address,
      port,
      weight,
      activeConnections,
      inactiveConnections,
      upperThreshold,
      overloaded,
      unsure: upperThreshold > 0 && !overloaded && connections >= relief(destination),
      available: true,
      lastWeight: weight > 0 ? weight : (known?.weight ?? weight),
    };
  });
}

/** Connections below which a destination that was over its threshold takes new ones again (ip_vs_ctl.c, ip_vs_unbind_svc and ip_vs_conn.c). */
function relief({ lowerThreshold, upperThreshold }: DestinationStatus): number {
  return lowerThreshold > 0 ? lowerThreshold : Math.floor((upperThreshold * 3) / 4);
}

/** Every destination that is there or that is wanted, and why it is out; those that are not out are told by `rank`. */
export function explainedDestinations(
  service: ExplainedService,
  candidates: readonly Candidate[],
  rank: (candidate: Candidate) => string,
): ExplainedDestination[] {
  const there = candidates.map((candidate): ExplainedDestination => {
    const { weight, activeConnections, inactiveConnections, overloaded, upperThreshold } = candidate;
    const eligible = weight > 0 && !overloaded;
    const full = `its threshold of ${upperThreshold} connections is reached`;
    const out = weight === 0 ? `weight 0: ${whyOut(service, candidate)}` : full;
    return {
      destination: destinationKey(candidate),
      weight,
      activeConnections,
      inactiveConnections,
      eligible,
      why: eligible ? rank(candidate) : out,
    };
  });
  const keys = new Set(there.map(({ destination }) => destination));
  const missing = (service.wanted?.destinations ?? [])
    .filter((destination) => !keys.has(destinationKey(destination)))
    .map((destination): ExplainedDestination => {
      return {
        destination: destinationKey(destination),
        weight: 0,
        activeConnections: 0,
        inactiveConnections: 0,
        eligible: false,
        why: `removed: ${whyOut(service, destination)}`,
      };
    });
  return [...there, ...missing];
}

function whyOut({ wanted, health, isDrained }: ExplainedService, destination: DestinationId): string {
  const key = destinationKey(destination);
  const known = health?.destinations.find((each) => each.destination === key);
  if (known?.role === 'sorry' && health?.quorum.state === 'up') return 'a sorry server that is not needed';
  if (known?.state === 'down') return `down: ${failures(known)}`;
  if (isDrained(key)) return 'draining';
  if (known?.reason !== undefined) return known.reason;
  const configured = wanted?.destinations.find((each) => destinationKey(each) === key);
  if (configured === undefined) return 'set by an operator';
  return configured.weight === 0 ? 'so it is wanted' : 'another program did that';
}

function failures({ checks }: DestinationHealth): string {
  const found = checks.flatMap(({ state, detail }) =>
    state === 'down' && detail !== undefined ? [detail] : [],
  );
  return found.length === 0 ? 'no check has succeeded yet' : found.join('; ');
}
