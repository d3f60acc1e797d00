import { destinationKey } from '../model/destination.ts';
import type { ViprError } from '../model/error.ts';
import type { Operation } from '../model/operation.ts';
import { serviceKey } from '../model/service.ts';
import type { NotedServices } from './noted-services.ts';

/**
 * Whether an operation was refused only because its destination is not in the engine at the moment: a check or a drain took it out, and it
 * is wanted all the same. An operator who edits or deletes it means what is wanted.
 */
export function takenOut(operation: Operation, { code }: ViprError, wanted: NotedServices): boolean {
  if (operation.kind !== 'edit-destination' && operation.kind !== 'delete-destination') return false;
  if (code !== 'DESTINATION_NOT_FOUND') return false;
  const key = destinationKey(operation.destination);
  const service = wanted.get(serviceKey(operation.service));
  return service?.destinations.some((destination) => destinationKey(destination) === key) === true;
}
