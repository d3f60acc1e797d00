import type { ServiceFaults } from '../engines/engine.ts';
import { ERROR_CODES, ViprError, type ViprErrorCode } from '../model/error.ts';
import type { ServiceKey } from '../model/service.ts';
import { destinationSettings, serviceSettings } from '../model/settings.ts';
import type { Counters, Rates, Statistics } from '../model/statistics.ts';
import type { DestinationStatus, ServiceStatus, TableSnapshot } from '../model/table.ts';
import type { VrrpStatus } from '../model/vrrp-status.ts';
import type {
  ChangesResponse,
  ErrorBody,
  FaultsResponse,
  ServiceResponse,
  Synchronisation,
  TableChange,
  TableResponse,
  WantedTable,
  Wire,
} from './protocol.ts';

/**
 * Snapshots, faults and errors as JSON carries them, and back. What is decoded here comes from a director of this user:
 * the shape is checked as far as the program relies on it, and RESPONSE_INVALID is thrown where it does not hold.
 */
export function encodeTable(table: TableSnapshot): TableResponse {
  return { ...table, services: table.services.map(encodeService) };
}

export function decodeTable(body: unknown): TableSnapshot {
  const table = record<TableResponse>(body, 'a table');
  record(table.timeouts, 'timeouts');
  return {
    ...table,
    services: list(table.services, 'services').map(decodeService),
    daemons: list(table.daemons, 'daemons'),
  };
}

export function encodeService(service: ServiceStatus): ServiceResponse {
  return {
    ...service,
    statistics: encodeStatistics(service.statistics),
    destinations: service.destinations.map((destination) => ({
      ...destination,
      statistics: encodeStatistics(destination.statistics),
    })),
  };
}

export function decodeService(body: unknown): ServiceStatus {
  const service = record<ServiceResponse>(body, 'a service');
  record(service.id, 'a service id');
  record(service.schedulerFlags, 'scheduler flags');
  return {
    ...service,
    statistics: decodeStatistics(service.statistics),
    destinations: list(service.destinations, 'destinations').map(decodeDestination),
  };
}

function decodeDestination(body: unknown): DestinationStatus {
  const destination = record<Wire<DestinationStatus>>(body, 'a destination');
  record(destination.tunnel, 'a tunnel');
  return { ...destination, statistics: decodeStatistics(destination.statistics) };
}

function encodeStatistics({ counters, rates }: Statistics): Wire<Statistics> {
  return { counters: encodeNumbers(counters), rates: encodeNumbers(rates) };
}

function encodeNumbers(numbers: Counters | Rates): Wire<Counters> {
  return {
    connections: String(numbers.connections),
    inPackets: String(numbers.inPackets),
    outPackets: String(numbers.outPackets),
    inBytes: String(numbers.inBytes),
    outBytes: String(numbers.outBytes),
  };
}

function decodeStatistics(body: unknown): Statistics {
  const { counters, rates } = record<Wire<Statistics>>(body, 'statistics');
  return { counters: decodeNumbers(counters), rates: decodeNumbers(rates) };
}

function decodeNumbers(body: unknown): Counters {
  const numbers = record<Wire<Counters>>(body, 'counters');
  return {
    connections: decodeNumber(numbers.connections),
    inPackets: decodeNumber(numbers.inPackets),
    outPackets: decodeNumber(numbers.outPackets),
    inBytes: decodeNumber(numbers.inBytes),
    outBytes: decodeNumber(numbers.outBytes),
  };
}

function decodeNumber(text: unknown): bigint {
  if (typeof text !== 'string' || !/^[0-9]{1,20}$/.test(text)) throw invalid('a 64-bit number');
  return BigInt(text);
}

/** The table alone of what may be a snapshot. */
export function encodeWanted({ services, timeouts, prune }: WantedTable): WantedTable {
  return {
    services: services.map((service) => ({
      id: service.id,
      ...serviceSettings(service),
      destinations: service.destinations.map(destinationSettings),
    })),
    timeouts,
    ...(prune !== undefined && { prune }),
  };
}

export function decodeChanges(body: unknown): readonly TableChange[] {
  return list(record<ChangesResponse>(body, 'changes').changes, 'changes').map((each) => {
    const change = record<TableChange>(each, 'a change');
    return { ...change, fields: list(change.fields, 'fields') };
  });
}

export function encodeFaults(faults: ServiceFaults): FaultsResponse {
  return { faults: Object.fromEntries(faults) };
}

export function decodeFaults(body: unknown): ServiceFaults {
  const { faults } = record<FaultsResponse>(body, 'faults');
  const entries = Object.entries(record<Record<string, unknown>>(faults, 'faults by service'));
  return new Map(entries.map(([key, reason]) => [key as ServiceKey, String(reason)]));
}

export function decodeVrrp(body: unknown): VrrpStatus {
  const status = record<VrrpStatus>(body, 'a status of VRRP');
  list(status.instances, 'instances');
  list(status.groups, 'groups');
  list(status.scripts, 'scripts');
  return status;
}

export function decodeSynchronisation(body: unknown): Synchronisation {
  const synchronisation = record<Synchronisation>(body, 'a status of synchronisation');
  list(synchronisation.daemons, 'daemons');
  list(synchronisation.configured, 'configured');
  return synchronisation;
}

export function encodeError(error: ViprError): ErrorBody {
  return {
    code: error.code,
    message: error.message,
    ...(error.errno !== undefined && { errno: error.errno }),
    ...(error.hint !== undefined && { hint: error.hint }),
  };
}

export function decodeError(body: unknown): ViprError {
  const error = record<Partial<ErrorBody>>(body, 'an error');
  const known = typeof error.code === 'string' && Object.hasOwn(ERROR_CODES, error.code);
  const message = String(error.message);
  return new ViprError(
    known ? (error.code as ViprErrorCode) : 'ENGINE_FAILED',
    known ? message : `${error.code}: ${message}`,
    {
      ...(typeof error.hint === 'string' && { hint: error.hint }),
      ...(typeof error.errno === 'string' && { errno: error.errno }),
    },
  );
}

/** JSON.parse that throws RESPONSE_INVALID. */
export function decodeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid('JSON', cause);
  }
}

export function record<T extends object>(value: unknown, what: string): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(what);
  return value as T;
}

/** The elements are as trustworthy as the director. */
export function list<T>(value: readonly T[], what: string): readonly T[] {
  if (!Array.isArray(value)) throw invalid(what);
  return value;
}

/** Throws RESPONSE_INVALID for what is no string. */
export function text(value: unknown, what: string): string {
  if (typeof value !== 'string') throw invalid(what);
  return value;
}

function invalid(expected: string, cause?: unknown): ViprError {
  return new ViprError('RESPONSE_INVALID', `The director's answer is not ${expected}.`, {
    hint: 'Check that this program and the director are of the same version (`vipr status` names it).',
    ...(cause !== undefined && { cause }),
  });
}
