import { type DestinationId, destinationKey } from '../model/destination.ts';
import type { Operation } from '../model/operation.ts';
import { serviceKey } from '../model/service.ts';
import { destinationFacts, type Facts, serviceFacts, showChange, showFacts, timeoutFacts } from './facts.ts';

/** The name of the timeouts among the things whose facts are known. */
export const TIMEOUTS = 'timeouts';

export interface OperationDescription {
  /** `edit-destination tcp 192.0.2.10:80 -> 10.0.0.11:80: weight 1 -> 0` */
  readonly text: string;
  /** What the operation is about, and what is true of it when it is done; absent for operations that set nothing. */
  readonly key: string;
  readonly facts?: Facts;
}

export function describeOperation(
  operation: Operation,
  known: ReadonlyMap<string, Facts>,
): OperationDescription {
  const { kind } = operation;
  switch (kind) {
    case 'add-service':
    case 'edit-service':
      return setting(kind, serviceKey(operation.service), serviceFacts(operation.settings), known);
    case 'add-destination':
    case 'edit-destination': {
      const key = destinationName(serviceKey(operation.service), operation.destination);
      return setting(kind, key, destinationFacts(operation.destination), known);
    }
    case 'set-timeouts':
      return setting(kind, TIMEOUTS, timeoutFacts(operation.timeouts), known);
    case 'delete-service':
      return plain(kind, serviceKey(operation.service));
    case 'delete-destination':
      return plain(kind, destinationName(serviceKey(operation.service), operation.destination));
    case 'zero':
      return plain(kind, operation.service ? serviceKey(operation.service) : 'all services');
    case 'flush':
      return plain(kind, 'all services');
    case 'start-daemon':
      return plain(kind, `${operation.daemon.role} on ${operation.daemon.interface}`);
    case 'stop-daemon':
      return plain(kind, operation.role);
    default:
      throw new Error(`unknown operation ${kind satisfies never}`);
  }
}

export function destinationName(service: string, destination: DestinationId): string {
  return `${service} -> ${destinationKey(destination)}`;
}

function plain(kind: string, key: string): OperationDescription {
  return { text: `${kind} ${key}`, key };
}

function setting(
  kind: string,
  key: string,
  facts: Facts,
  known: ReadonlyMap<string, Facts>,
): OperationDescription {
  const subject = key === kind.slice('set-'.length) ? kind : `${kind} ${key}`;
  const told = kind.startsWith('add-') ? showFacts(facts) : showChange(known.get(key), facts);
  return { text: `${subject}: ${told}`, key, facts };
}
