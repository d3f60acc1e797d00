import type { DestinationId } from '../model/destination.ts';
import { hostPort, type ServiceId, serviceKey } from '../model/service.ts';

/** An address, and a port where it matters. */
export type AddressAndPort = Pick<DestinationId, 'address'> & Partial<Pick<DestinationId, 'port'>>;

/** Which connections are asked for; what is absent does not matter. */
export interface ConnectionQuery {
  readonly service?: ServiceId;
  readonly destination?: AddressAndPort;
  readonly client?: AddressAndPort;
}

type Value = string | number | ServiceId | AddressAndPort | undefined;

/** Parameters as the end of a path; nothing where there are none. */
export function queryOf(parameters: object): string {
  const given = Object.entries(parameters as Record<string, Value>).filter(
    ([, value]) => value !== undefined,
  );
  if (given.length === 0) return '';
  return `?${given.map(([name, value]) => `${name}=${encodeURIComponent(textOf(value))}`).join('&')}`;
}

function textOf(value: Value): string {
  if (typeof value !== 'object') return String(value);
  if ('kind' in value) return serviceKey(value);
  return value.port === undefined ? value.address : hostPort(value.address, value.port);
}
