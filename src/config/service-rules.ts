import type { z } from 'zod';
import { familyOf } from '../model/address.ts';
import { destinationKey } from '../model/destination.ts';
import { type ServiceId, serviceFamily, serviceKey } from '../model/service.ts';
import type { ConfigPath } from './config-problem.ts';
import { destinationSchema, serviceSchema } from './config-schema.ts';

/** Told of each rule that is broken: where, and how. */
export type Report = (path: ConfigPath, message: string) => void;

type Mapping = Readonly<Record<string, unknown>>;

const SERVICE = serviceSchema.shape;
const DESTINATION = destinationSchema.shape;
const FAMILY_NAMES = { inet: 'IPv4', inet6: 'IPv6' } as const;

/**
 * What must hold between the fields of a service and its destinations. It works on the values as they were read, field
 * by field, so that a mistake in one field does not hide another one.
 */
export function checkService(value: unknown, path: ConfigPath, report: Report): void {
  if (!isMapping(value)) return;
  const id = read(SERVICE.service, value.service);
  checkSchedulerFlags(value, path, report);
  if (id !== undefined) checkIdentity(id, value, path, report);
  const destinations = Array.isArray(value.destinations) ? value.destinations : [];
  destinations.forEach((destination, index) => {
    if (isMapping(destination)) checkDestination(destination, id, [...path, 'destinations', index], report);
  });
}

/** The key of a service, where it can be told, to find services that are given twice. */
export function serviceKeyOf(value: unknown): string | undefined {
  const id = isMapping(value) ? read(SERVICE.service, value.service) : undefined;
  return id && serviceKey(id);
}

/** The key of a destination, where it can be told. */
export function destinationKeyOf(value: unknown): string | undefined {
  const id = isMapping(value) ? read(DESTINATION.address, value.address) : undefined;
  return id && destinationKey(id);
}

function checkIdentity(id: ServiceId, value: Mapping, path: ConfigPath, report: Report): void {
  const given = value.persistence;
  const inactive = isMapping(given) && given.active === false;
  const persistent = given !== undefined && given !== false && !inactive;
  if (id.kind === 'address' && id.port === 0 && !persistent) {
    report([...path, 'service'], 'port 0 takes all ports of the address, which needs persistence');
  }
  if (value['one-packet'] === true && id.kind === 'address' && id.protocol !== 'udp') {
    report(
      [...path, 'one-packet'],
      `one-packet scheduling is only for udp and fwmark, not for ${id.protocol}`,
    );
  }
  const settings = read(SERVICE.persistence, given);
  const family = serviceFamily(id);
  if (settings?.netmask !== undefined && (typeof settings.netmask === 'number') !== (family === 'inet6')) {
    const expected = family === 'inet6' ? 'a prefix length from 1 to 128' : 'a netmask such as 255.255.255.0';
    report(
      [...path, 'persistence', 'netmask'],
      `must be ${expected}, because the service is ${FAMILY_NAMES[family]}`,
    );
  }
}

/** ip_vs_sh.c and ip_vs_mh.c give names to the flags 1 and 2; the others know them by number. */
function checkSchedulerFlags(value: Mapping, path: ConfigPath, report: Report): void {
  const scheduler = read(SERVICE.scheduler, value.scheduler);
  const flags = read(SERVICE.flags, value.flags) ?? [];
  if (scheduler === undefined) return;
  flags.forEach((flag, index) => {
    const owner = flag.startsWith('flag-') ? scheduler : flag.slice(0, 2);
    if (owner !== scheduler) report([...path, 'flags', index], `is a flag of ${owner}, not of ${scheduler}`);
    else if (flags.indexOf(flag) < index) report([...path, 'flags', index], 'is given twice');
  });
}

function checkDestination(
  value: Mapping,
  service: ServiceId | undefined,
  path: ConfigPath,
  report: Report,
): void {
  const method = read(DESTINATION.method, value.method);
  const upper = read(DESTINATION['upper-threshold'], value['upper-threshold']);
  const lower = read(DESTINATION['lower-threshold'], value['lower-threshold']);
  if (upper !== undefined && lower !== undefined && lower > upper) {
    report([...path, 'lower-threshold'], `${lower} is above the upper threshold, ${upper}`);
  }
  if (method !== undefined) checkTunnel(value, method, path, report);
  const id = read(DESTINATION.address, value.address);
  if (id === undefined || service === undefined || method === undefined) return;
  if (familyOf(id.address) !== serviceFamily(service) && method !== 'tunnel') {
    const families = `${FAMILY_NAMES[familyOf(id.address)]} behind an ${FAMILY_NAMES[serviceFamily(service)]} service`;
    report([...path, 'address'], `is ${families}, which needs method: tunnel`);
  }
  if (method !== 'masquerade' && service.kind === 'address' && id.port !== service.port) {
    report(
      [...path, 'address'],
      `must have the service's port, ${service.port}: method ${method} does not change it`,
    );
  }
}

/** ipvsadm.c's rules for `--tun-*`. */
function checkTunnel(
  value: Mapping,
  method: z.output<typeof DESTINATION.method>,
  path: ConfigPath,
  report: Report,
): void {
  const given = value.tunnel;
  if (given !== undefined && method !== 'tunnel') {
    report([...path, 'tunnel'], `has a meaning only with method: tunnel, not with ${method}`);
  }
  const tunnel = read(DESTINATION.tunnel, given);
  if (tunnel === undefined) return;
  if (tunnel.type === 'gue' && tunnel.port === undefined) {
    report([...path, 'tunnel'], 'of type gue needs a port');
  }
  if (tunnel.type !== 'gue' && tunnel.port !== undefined) {
    report([...path, 'tunnel', 'port'], `is for type gue, not for ${tunnel.type}`);
  }
  const unfit = tunnel.type === 'ipip' ? tunnel.checksum !== 'none' : tunnel.checksum === 'remote';
  if (unfit && tunnel.type !== 'gue') {
    report([...path, 'tunnel', 'checksum'], `${tunnel.checksum} is not for type ${tunnel.type}`);
  }
}

function read<S extends z.ZodType>(schema: S, value: unknown): z.output<S> | undefined {
  const result = schema.safeParse(value);
  return result.success ? result.data : undefined;
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
