import type { z } from 'zod';
import type { ServiceId } from '../model/service.ts';
import type { LaidOutService } from './config-layout.ts';
import type { ConfigPath } from './config-problem.ts';
import type { ParsedConfig } from './config-schema.ts';
import type { destinationSchema } from './destination-schema.ts';
import type { serviceSchema } from './service-schema.ts';

/** A service with what the file says of it, and all of its destinations in the order of the file. */
export interface ParsedService {
  readonly id: ServiceId;
  readonly service: z.output<typeof serviceSchema>;
  readonly destinations: readonly z.output<typeof destinationSchema>[];
}

/** The services of a layout, with the values of the same file once they were found right. */
export function resolveServices(
  layout: readonly LaidOutService[],
  { services, groups }: Pick<ParsedConfig, 'services' | 'groups'>,
): ParsedService[] {
  const resolved = new Map<LaidOutService['destinations'], ParsedService['destinations']>();
  return layout.map(({ id, path, destinations }) => {
    const service = present(services[Number(path[1])]);
    const members =
      resolved.get(destinations) ?? destinations.map(({ path }) => present(memberAt(path, service, groups)));
    resolved.set(destinations, members);
    return { id, service, destinations: members };
  });
}

function memberAt(
  [section, name, ...rest]: ConfigPath,
  service: z.output<typeof serviceSchema>,
  groups: ParsedConfig['groups'],
) {
  return section === 'groups'
    ? groups[String(name)]?.[Number(rest[0])]
    : service.destinations[Number(rest[1])];
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('a file that was found right has no value where it has one');
  return value;
}
