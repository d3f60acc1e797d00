import type { FieldChange, TableChange } from '../api/protocol.ts';
import { type Destination, destinationKey } from '../model/destination.ts';
import type { Operation } from '../model/operation.ts';
import { type Service, type ServiceId, type ServiceKey, serviceKey } from '../model/service.ts';
import type { Table } from '../model/table.ts';
import { destinationFacts, type Facts, serviceFacts, timeoutFacts } from './facts.ts';

/** What operations change in a table, for reading: each with what was and what will be. They are those of `diffTables`. */
export function tableChanges(operations: readonly Operation[], before: Table): TableChange[] {
  const services = new Map(before.services.map((service) => [serviceKey(service.id), service]));
  return operations.map((operation) => changeOf(operation, services, before));
}

function changeOf(
  operation: Operation,
  services: ReadonlyMap<ServiceKey, Service>,
  { timeouts }: Table,
): TableChange {
  switch (operation.kind) {
    case 'set-timeouts':
      return {
        action: 'change',
        fields: differences(timeoutFacts(timeouts), timeoutFacts(operation.timeouts)),
      };
    case 'add-service':
    case 'edit-service': {
      const before = services.get(serviceKey(operation.service));
      return onService(operation.service, before && serviceFacts(before), serviceFacts(operation.settings));
    }
    case 'delete-service': {
      const before = services.get(serviceKey(operation.service));
      const count = { destinations: String(before?.destinations.length ?? 0) };
      return onService(operation.service, before && { ...serviceFacts(before), ...count }, undefined);
    }
    case 'add-destination':
    case 'edit-destination':
    case 'delete-destination': {
      const service = serviceKey(operation.service);
      const destination = destinationKey(operation.destination);
      const before = services
        .get(service)
        ?.destinations.find((each: Destination) => destinationKey(each) === destination);
      const after = operation.kind === 'delete-destination' ? undefined : operation.destination;
      return {
        action: actionOf(before, after),
        service,
        destination,
        fields: differences(before && destinationFacts(before), after && destinationFacts(after)),
      };
    }
    default:
      throw new TypeError(`no table differs from another by ${operation.kind}`);
  }
}

function onService(service: ServiceId, before: Facts | undefined, after: Facts | undefined): TableChange {
  return {
    action: actionOf(before, after),
    service: serviceKey(service),
    fields: differences(before, after),
  };
}

function actionOf(before: unknown, after: unknown): TableChange['action'] {
  if (after === undefined) return 'remove';
  return before === undefined ? 'add' : 'change';
}

/** An edit that says nothing of a field keeps it. */
function differences(before: Facts = {}, after: Facts | undefined): FieldChange[] {
  return Object.keys(after ?? before).flatMap((field): FieldChange[] => {
    const [was, is] = [before[field] || undefined, after?.[field] || undefined];
    if (was === is) return [];
    return [{ field, ...(was !== undefined && { before: was }), ...(is !== undefined && { after: is }) }];
  });
}
