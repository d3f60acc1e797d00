import type { TableChange } from '../api/protocol.ts';
import { type Assignment, editedDestination, editedService } from '../config/edited-settings.ts';
import { tableChanges } from '../director/table-changes.ts';
import type { Engine } from '../engines/engine.ts';
import { type DestinationId, destinationKey } from '../model/destination.ts';
import { ViprError } from '../model/error.ts';
import type { Operation } from '../model/operation.ts';
import { parseHostPort } from '../model/parse-host-port.ts';
import { type Service, type ServiceId, serviceKey } from '../model/service.ts';
import { sameDestinationSettings, sameServiceSettings } from '../model/settings.ts';
import { DEFAULT_TIMEOUTS } from '../model/table.ts';
import { readService } from './service-words.ts';

export interface SetRequest {
  readonly service: ServiceId;
  /** Absent where settings of the service are meant. */
  readonly destination?: DestinationId;
  /** At least one. */
  readonly assignments: readonly Assignment[];
}

/** Reads `SERVICE [RIP:PORT] KEY=VALUE…`. Throws USAGE. */
export function readSetWords(words: readonly string[]): SetRequest {
  const first = words.findIndex((word) => word.includes('='));
  const { service, rest } = readService(first === -1 ? words : words.slice(0, first));
  const [text, more] = rest;
  const destination = text === undefined ? undefined : parseHostPort(text);
  if ((text !== undefined && destination === undefined) || more !== undefined) {
    throw new ViprError('USAGE', `${JSON.stringify(more ?? text)} is neither a destination nor KEY=VALUE.`, {
      hint: 'A destination is an address and a port, such as 10.0.0.11:80 or "[2001:db8::11]:80".',
    });
  }
  if (first === -1) {
    throw new ViprError('USAGE', 'There is nothing to set.', { hint: 'Add KEY=VALUE, such as weight=0.' });
  }
  return {
    service,
    ...(destination !== undefined && { destination }),
    assignments: words.slice(first).map(readAssignment),
  };
}

/**
 * Sets what is asked for, keeps everything else, and tells what changed. Throws USAGE, SERVICE_NOT_FOUND, DESTINATION_NOT_FOUND, and
 * what the engine refuses.
 */
export async function setSettings(
  client: Pick<Engine, 'service' | 'execute'>,
  request: SetRequest,
): Promise<readonly TableChange[]> {
  const service = await client.service(request.service);
  if (service === undefined) {
    throw new ViprError('SERVICE_NOT_FOUND', `The table holds no service ${serviceKey(request.service)}.`, {
      hint: '`vipr status` shows those that it holds.',
    });
  }
  const operation = edit(service, request);
  if (operation === undefined) return [];
  const [refusal] = await client.execute([operation]);
  if (refusal !== undefined) throw refusal;
  return tableChanges([operation], { services: [service], timeouts: DEFAULT_TIMEOUTS });
}

/** Undefined where everything is already as it is to be. */
function edit(service: Service, { destination: id, assignments }: SetRequest): Operation | undefined {
  if (id === undefined) {
    const settings = editedService(service, assignments);
    if (sameServiceSettings(service, settings)) return undefined;
    return { kind: 'edit-service', service: service.id, settings };
  }
  const key = destinationKey(id);
  const before = service.destinations.find((each) => destinationKey(each) === key);
  if (before === undefined) {
    const there = service.destinations.map(destinationKey).join(', ');
    throw new ViprError('DESTINATION_NOT_FOUND', `${serviceKey(service.id)} has no destination ${key}.`, {
      hint: there === '' ? 'It has none at all.' : `It has ${there}.`,
    });
  }
  const destination = editedDestination(service, before, assignments);
  if (sameDestinationSettings(before, destination)) return undefined;
  return { kind: 'edit-destination', service: service.id, destination };
}

function readAssignment(word: string): Assignment {
  const at = word.indexOf('=');
  if (at > 0) return { key: word.slice(0, at), value: word.slice(at + 1) };
  throw new ViprError('USAGE', `${JSON.stringify(word)} is not KEY=VALUE.`, {
    hint: 'After the first KEY=VALUE only others may follow, such as weight=0.',
  });
}
