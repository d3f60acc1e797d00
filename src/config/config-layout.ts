import type { ServiceId } from '../model/service.ts';
import type { ConfigPath } from './config-problem.ts';
import { parseServiceIds } from './parse-service-ids.ts';

/** A service that a file describes: one of those that a range, a list and groups lead to. */
export interface LaidOutService {
  readonly id: ServiceId;
  /** Its mapping: `services[2]`. */
  readonly path: ConfigPath;
  /** Where its identity is written: `services[2].service`. */
  readonly written: ConfigPath;
  /** In the order of the file: those of groups first. */
  readonly destinations: readonly LaidOutDestination[];
}

/** A destination of a service: `services[2].destinations[0]` or `groups.web[0]`. */
export interface LaidOutDestination {
  readonly path: ConfigPath;
  /** As it was read. */
  readonly value: unknown;
}

type Mapping = Readonly<Record<string, unknown>>;

/** The services of a file in its order, as far as they can be told from what was read; mistakes are left out. */
export function layOut(value: unknown): readonly LaidOutService[] {
  const groups = fieldOf(value, 'groups');
  return listOf(fieldOf(value, 'services')).flatMap((service, index) =>
    layOutService(service, ['services', index], groups),
  );
}

/** As {@link layOut}, of one service, whose mapping is at `path`. */
export function layOutService(service: unknown, path: ConfigPath, groups: unknown): LaidOutService[] {
  const destinations = [
    ...[fieldOf(service, 'group')].flat().flatMap((name) => {
      const members = typeof name === 'string' ? listOf(fieldOf(groups, name)) : [];
      return members.map((member, index) => ({ path: ['groups', String(name), index], value: member }));
    }),
    ...listOf(fieldOf(service, 'destinations')).map((member, index) => ({
      path: [...path, 'destinations', index],
      value: member,
    })),
  ];
  const given = fieldOf(service, 'service');
  const texts: readonly unknown[] = Array.isArray(given) ? given : [given];
  return texts.flatMap((text, index) => {
    const written = [...path, 'service', ...(Array.isArray(given) ? [index] : [])];
    const ids = typeof text === 'string' ? (parseServiceIds(text) ?? []) : [];
    return ids.map((id) => ({ id, path, written, destinations }));
  });
}

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value of a key, undefined where there is none. */
export function fieldOf(value: unknown, key: string): unknown {
  return isMapping(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
