import type { z } from 'zod';
import { familyOf } from '../model/address.ts';
import { type DestinationId, destinationKey } from '../model/destination.ts';
import { type ServiceId, serviceFamily } from '../model/service.ts';
import { isMapping } from './config-layout.ts';
import type { ConfigPath } from './config-problem.ts';
import { tableFields } from './destination-schema.ts';
import { type Report, read } from './rule.ts';

const FAMILY_NAMES = { inet: 'IPv4', inet6: 'IPv6' } as const;

/** What rules ask of a destination; undefined is what cannot be told. */
interface ReadDestination {
  readonly id: DestinationId | undefined;
  readonly method: z.output<typeof tableFields.method> | undefined;
  readonly upper: number | undefined;
  readonly lower: number | undefined;
}

/** One of a group is asked about once for each service. */
const readings = new WeakMap<object, ReadDestination>();

/** What must hold between the fields of a destination, or of a sorry server. */
export function checkDestination(value: unknown, path: ConfigPath, report: Report): void {
  if (!isMapping(value)) return;
  const { method, upper, lower } = readDestination(value);
  if (upper !== undefined && lower !== undefined && lower > upper) {
    report([...path, 'lower-threshold'], `${lower} is above the upper threshold, ${upper}`);
  }
  if (method !== undefined && value.tunnel !== undefined) checkTunnel(value.tunnel, method, path, report);
}

/** What must hold between a destination and the service that it serves. */
export function checkDestinationOf(
  service: ServiceId,
  value: unknown,
  path: ConfigPath,
  report: Report,
): void {
  if (!isMapping(value)) return;
  const { id, method } = readDestination(value);
  if (id === undefined || method === undefined) return;
  const [own, of] = [familyOf(id.address), serviceFamily(service)];
  if (own !== of && method !== 'tunnel') {
    const families = `${FAMILY_NAMES[own]} behind an ${FAMILY_NAMES[of]} service`;
    report([...path, 'address'], `is ${families}, which needs method: tunnel`);
  }
  if (method !== 'masquerade' && service.kind === 'address' && id.port !== service.port) {
    report(
      [...path, 'address'],
      `must have the service's port, ${service.port}: method ${method} does not change it`,
    );
  }
}

/** The key of a destination, where it can be told. */
export function destinationKeyOf(value: unknown): string | undefined {
  const id = isMapping(value) ? readDestination(value).id : undefined;
  return id && destinationKey(id);
}

function readDestination(value: Readonly<Record<string, unknown>>): ReadDestination {
  const kept = readings.get(value);
  if (kept !== undefined) return kept;
  const reading = {
    id: read(tableFields.address, value.address),
    method: read(tableFields.method, value.method),
    upper: read(tableFields['upper-threshold'], value['upper-threshold']),
    lower: read(tableFields['lower-threshold'], value['lower-threshold']),
  };
  readings.set(value, reading);
  return reading;
}

/** ipvsadm.c's rules for `--tun-*`. */
function checkTunnel(
  given: unknown,
  method: z.output<typeof tableFields.method>,
  path: ConfigPath,
  report: Report,
): void {
  if (method !== 'tunnel') {
    report([...path, 'tunnel'], `has a meaning only with method: tunnel, not with ${method}`);
  }
  const tunnel = read(tableFields.tunnel, given);
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
