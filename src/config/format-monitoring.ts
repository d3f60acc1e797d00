import { destinationKey } from '../model/destination.ts';
import type { DestinationMonitoring, ServiceMonitoring } from '../model/monitoring.ts';
import type { Service } from '../model/service.ts';
import { formatDuration } from './duration.ts';
import { formatCheck, formatCommand } from './format-check.ts';
import { formatDestinationFields } from './format-destination.ts';
import { flow, type Writable } from './yaml-text.ts';

type Mapping = Readonly<Record<string, Writable | undefined>>;

/** How a service is watched, as the keys of its mapping and those of its destinations, which are in the table's order. */
export interface FormattedMonitoring {
  readonly service: Mapping;
  readonly destinations: readonly Mapping[];
}

/** What all destinations have alike is written at the service. */
export function formatMonitoring(service: Service, monitoring: ServiceMonitoring): FormattedMonitoring {
  const own = service.destinations.map((destination) =>
    formatDestination(monitoring.destinations.get(destinationKey(destination))),
  );
  const [first = {}] = own;
  const shared = SHARED.filter((key) => {
    const text = textOf(first[key]);
    return own.every((fields) => textOf(fields[key]) === text);
  });
  const keys = { ...formatService(monitoring), ...pick(first, shared) };
  return {
    // Without any key the service would not be watched.
    service: Object.values(keys).some((value) => value !== undefined) ? keys : { quorum: monitoring.quorum },
    destinations: own.map((fields) => ({ ...fields, ...pick({}, shared) })),
  };
}

const SHARED = ['checks', 'inhibit-on-failure', 'connections-on-failure', 'slow-start'] as const;

function formatService(monitoring: ServiceMonitoring): Mapping {
  const { quorum, hysteresis, alpha, omega, quorumUp, quorumDown, sorryServer } = monitoring;
  return {
    ...(quorum !== 1 && { quorum }),
    ...(hysteresis !== 0 && { hysteresis }),
    ...(alpha && { alpha }),
    ...(omega && { omega }),
    ...(sorryServer !== undefined && {
      'sorry-server': {
        ...formatDestinationFields(sorryServer.destination),
        ...(sorryServer.inhibit && { inhibit: true }),
      },
    }),
    ...((quorumUp ?? quorumDown) !== undefined && {
      notify: {
        ...(quorumUp !== undefined && { 'quorum-up': formatCommand(quorumUp) }),
        ...(quorumDown !== undefined && { 'quorum-down': formatCommand(quorumDown) }),
      },
    }),
  };
}

function formatDestination(monitoring: DestinationMonitoring | undefined): Mapping {
  if (monitoring === undefined) return {};
  const { checks, inhibitOnFailure, connectionsOnFailure, slowStart, notifyUp, notifyDown } = monitoring;
  return {
    checks: checks.map(formatCheck),
    ...(inhibitOnFailure && { 'inhibit-on-failure': true }),
    ...(connectionsOnFailure !== 'purge' && { 'connections-on-failure': connectionsOnFailure }),
    ...(slowStart !== 0 && { 'slow-start': formatDuration(slowStart) }),
    ...((notifyUp ?? notifyDown) !== undefined && {
      notify: {
        ...(notifyUp !== undefined && { up: formatCommand(notifyUp) }),
        ...(notifyDown !== undefined && { down: formatCommand(notifyDown) }),
      },
    }),
  };
}

function textOf(value: Writable | undefined): string {
  return value === undefined ? '' : flow(value);
}

/** These keys of a mapping, undefined where it has none; no checks at all are its default. */
function pick(mapping: Mapping, keys: readonly (typeof SHARED)[number][]): Mapping {
  return Object.fromEntries(
    keys.map((key) => {
      const value = mapping[key];
      return [key, Array.isArray(value) && value.length === 0 ? undefined : value];
    }),
  );
}
