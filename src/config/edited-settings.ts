import { type Destination, destinationKey } from '../model/destination.ts';
import { ViprError } from '../model/error.ts';
import { type Service, type ServiceSettings, serviceKey } from '../model/service.ts';
import { destinationSettings, serviceSettings } from '../model/settings.ts';
import { buildTable } from './build-table.ts';
import { layOut } from './config-layout.ts';
import { formatPath } from './config-problem.ts';
import { configSchema } from './config-schema.ts';
import { nearest } from './nearest.ts';
import { resolveServices } from './resolve-services.ts';
import { checkService } from './service-rules.ts';

/** A setting that is to change, by its name in vipr.yaml: `weight`, `persistence.timeout`. */
export interface Assignment {
  readonly key: string;
  readonly value: string;
}

/** What can be set of a service that is there, by names of vipr.yaml. */
export const SERVICE_SETTINGS: readonly string[] = [
  'scheduler',
  'flags',
  'persistence',
  'persistence.timeout',
  'persistence.netmask',
  'persistence.engine',
  'one-packet',
];

/** What can be set of a destination that is there, by names of vipr.yaml. */
export const DESTINATION_SETTINGS: readonly string[] = [
  'method',
  'weight',
  'upper-threshold',
  'lower-threshold',
  'tunnel.type',
  'tunnel.port',
  'tunnel.checksum',
  'proxy-protocol',
];

/** The settings of a service, edited; what is not named stays. Throws USAGE with everything that is wrong. */
export function editedService(service: Service, assignments: readonly Assignment[]): ServiceSettings {
  checkKeys(assignments, SERVICE_SETTINGS, 'a service');
  const { flag1, flag2, flag3 } = service.schedulerFlags;
  const persistence: Mapping = {
    active: service.persistenceTimeout !== undefined,
    ...(service.persistenceTimeout !== undefined && { timeout: service.persistenceTimeout }),
    netmask: service.persistenceNetmask,
    ...(service.persistenceEngine ? { engine: service.persistenceEngine } : {}),
  };
  const before: Mapping = {
    service: serviceKey(service.id),
    scheduler: service.scheduler,
    flags: [...(flag1 ? ['flag-1'] : []), ...(flag2 ? ['flag-2'] : []), ...(flag3 ? ['flag-3'] : [])],
    persistence,
    'one-packet': service.onePacket,
    destinations: [],
  };
  let after = before;
  for (const assignment of assignments) after = assignToService(after, assignment);
  return serviceSettings(built(before, after));
}

/** A destination of a service, edited; what is not named stays. Throws USAGE with everything that is wrong. */
export function editedDestination(
  service: Service,
  destination: Destination,
  assignments: readonly Assignment[],
): Destination {
  checkKeys(assignments, DESTINATION_SETTINGS, 'a destination');
  const { type, port, checksum } = destination.tunnel;
  const { proxyProtocol } = destination;
  const tunnel: Mapping = { type, ...(port !== 0 && { port }), checksum };
  const before: Mapping = {
    address: destinationKey(destination),
    method: destination.forwarding,
    weight: destination.weight,
    'upper-threshold': destination.upperThreshold,
    'lower-threshold': destination.lowerThreshold,
    ...(destination.forwarding === 'tunnel' && { tunnel }),
    ...(proxyProtocol !== undefined && { 'proxy-protocol': proxyProtocol }),
  };
  let after = before;
  for (const assignment of assignments) after = assignToDestination(after, assignment, tunnel);
  // The tunnel of a destination that is no longer reached by one has no meaning.
  const meant = assignments.some(({ key }) => key.startsWith('tunnel.')) || after.method === 'tunnel';
  const { tunnel: _without, ...others } = after;
  const key = serviceKey(service.id);
  const wrap = (one: Mapping) => ({
    service: key,
    scheduler: service.scheduler,
    ...KEEPS_PORT_0,
    destinations: [one],
  });
  const [edited] = built(wrap(before), wrap(meant ? after : others)).destinations;
  if (edited === undefined) throw new TypeError('a service with one destination has none');
  return destinationSettings(meant ? edited : { ...edited, tunnel: destination.tunnel });
}

type Mapping = Readonly<Record<string, unknown>>;

function assignToService(service: Mapping, { key, value }: Assignment): Mapping {
  if (key === 'flags') return { ...service, flags: value === '' || value === 'none' ? [] : value.split(',') };
  if (!key.startsWith('persistence')) return { ...service, [key]: scalar(value) };
  const rest = service.persistence as Mapping;
  if (key === 'persistence') return { ...service, persistence: { ...rest, active: scalar(value) } };
  const name = key.slice('persistence.'.length);
  // Who gives a timeout wants persistence.
  const active = name === 'timeout' ? true : rest.active;
  return { ...service, persistence: { ...rest, active, [name]: scalar(value) } };
}

/** `latent` is the tunnel that the destination keeps while it is not reached by one. */
function assignToDestination(destination: Mapping, { key, value }: Assignment, latent: Mapping): Mapping {
  if (!key.startsWith('tunnel.')) return { ...destination, [key]: scalar(value) };
  const name = key.slice('tunnel.'.length);
  const rest = (destination.tunnel ?? latent) as Mapping;
  // Another type has nothing of the old one's port and checksum.
  const kept = name === 'type' && rest.type !== value ? {} : rest;
  return { ...destination, tunnel: { ...kept, [name]: scalar(value) } };
}

/** A service on port 0 is persistent, which its destinations are not asked about. */
const KEEPS_PORT_0 = { persistence: true } as const;

/** The service of a mapping as a file would have it. What was against the rules before is not held against the edit. */
function built(before: Mapping, after: Mapping): Service {
  const read = configSchema.safeParse({ services: [after] });
  if (!read.success) {
    throw refused(
      read.error.issues.map(({ path, message }) => {
        const inner = path.slice(2).map((step) => (typeof step === 'number' ? step : String(step)));
        return `${nameOf(inner)}: ${message}, not ${JSON.stringify(valueAt(after, inner))}`;
      }),
    );
  }
  const known = new Set(brokenRules(before));
  const broken = brokenRules(after).filter((problem) => !known.has(problem));
  if (broken.length > 0) throw refused(broken);
  const [service] = buildTable(resolveServices(layOut({ services: [after] }), read.data), {}).services;
  if (service === undefined) throw new TypeError('a table with one service has none');
  return service;
}

function brokenRules(mapping: Mapping): string[] {
  const problems: string[] = [];
  checkService(mapping, [], (path, message) => void problems.push(`${nameOf(path)}: ${message}`));
  return problems;
}

/** `weight`, not `destinations[0].weight`: there is but one. */
function nameOf(path: readonly (string | number)[]): string {
  return formatPath(path[0] === 'destinations' ? path.slice(2) : path);
}

function valueAt(mapping: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((value, step) => {
    return typeof value === 'object' && value !== null ? (value as Mapping)[step] : undefined;
  }, mapping);
}

/** As YAML reads it, without its quotes. */
function scalar(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?[0-9]{1,15}$/.test(text) ? Number(text) : text;
}

function checkKeys(assignments: readonly Assignment[], known: readonly string[], owner: string): void {
  const unknown = assignments.filter(({ key }) => !known.includes(key));
  if (unknown.length === 0) return;
  throw new ViprError(
    'USAGE',
    unknown
      .map(({ key }) => {
        const meant = nearest(key, known);
        return `${key} is no setting of ${owner}${meant === undefined ? '' : `: did you mean ${meant}?`}`;
      })
      .join('\n'),
    { hint: `Settings of ${owner} are ${known.join(', ')}; nothing was changed.` },
  );
}

function refused(problems: readonly string[]): ViprError {
  return new ViprError('USAGE', problems.join('\n'), { hint: 'Correct the values; nothing was changed.' });
}
