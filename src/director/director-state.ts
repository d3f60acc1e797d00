import { readFileSync } from 'node:fs';
import type { DrainStatus } from '../api/operated-director.ts';
import type { EngineName } from '../engines/engine.ts';
import { parseIpAddress } from '../model/address.ts';
import type { Destination } from '../model/destination.ts';
import { parseServiceKey } from '../model/parse-service-key.ts';
import { type ServiceId, type ServiceKey, serviceKey } from '../model/service.ts';

/** What a director remembers beyond its end, until the system is started anew. */
export interface DirectorState {
  /** Services that it owned, of the engine that it ran. */
  readonly owned: readonly ServiceKey[];
  readonly drains: readonly DrainRecord[];
}

/** A drain as an operator asked for it, and how far it has come. */
export interface DrainRecord {
  readonly service: ServiceId;
  /** With the settings that it had when the drain began. */
  readonly destination: Destination;
  readonly then: DrainStatus['then'];
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Milliseconds since 1970; absent where there is none. */
  readonly deadlineAt?: number;
  readonly connectionsAtStart: number;
  readonly state: DrainStatus['state'];
}

/** Nothing is remembered. */
export const NO_STATE: DirectorState = { owned: [], drains: [] };

/** What tells one start of the system, and one table, from another. */
export interface StateOrigin {
  readonly engine: EngineName;
  /** Of /proc/sys/kernel/random/boot_id; empty where there is none. */
  readonly boot: string;
}

const VERSION = 1;

/** The state as a file has it. */
export function encodeState({ owned, drains }: DirectorState, { engine, boot }: StateOrigin): string {
  const written = drains.map(({ service, ...drain }) => ({ service: serviceKey(service), ...drain }));
  return `${JSON.stringify({ version: VERSION, engine, boot, owned, drains: written }, null, 1)}\n`;
}

/**
 * The state that a file has. That of before the system's last start is none: its table is gone. Of another engine drains count, and
 * ownership does not. Throws a SyntaxError or a RangeError for what no director has written.
 */
export function decodeState(text: string, { engine, boot }: StateOrigin): DirectorState {
  const file = record(JSON.parse(text), 'the file');
  if (file.version !== VERSION) throw new RangeError(`version is not ${VERSION}`);
  if (file.boot !== boot) return NO_STATE;
  const owned = list(file.owned, 'owned').map((key) => serviceKey(serviceOf(key)));
  const drains = list(file.drains, 'drains').map((drain) => decodeDrain(record(drain, 'a drain')));
  return { owned: file.engine === engine ? owned : [], drains };
}

/** Of this start of the system. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

function decodeDrain(drain: Fields): DrainRecord {
  const { deadlineAt } = drain;
  const then = oneOf(['remove', 'leave'] as const, drain.then, 'then');
  return {
    service: serviceOf(drain.service),
    destination: destinationOf(record(drain.destination, 'destination')),
    then,
    startedAt: count(drain.startedAt, 'startedAt'),
    ...(deadlineAt !== undefined && { deadlineAt: count(deadlineAt, 'deadlineAt') }),
    connectionsAtStart: count(drain.connectionsAtStart, 'connectionsAtStart'),
    state: oneOf(['draining', 'drained', 'expired'] as const, drain.state, 'state'),
  };
}

function destinationOf(fields: Fields): Destination {
  const tunnel = record(fields.tunnel, 'tunnel');
  const address = parseIpAddress(String(fields.address));
  if (address === undefined) throw new RangeError('address is none');
  const { proxyProtocol } = fields;
  return {
    address,
    port: within(fields.port, 65_535, 'port') as Destination['port'],
    forwarding: oneOf(
      ['masquerade', 'direct', 'tunnel', 'local', 'bypass'] as const,
      fields.forwarding,
      'forwarding',
    ),
    weight: within(fields.weight, 2 ** 31 - 1, 'weight') as Destination['weight'],
    upperThreshold: within(fields.upperThreshold, 2 ** 32 - 1, 'upperThreshold'),
    lowerThreshold: within(fields.lowerThreshold, 2 ** 32 - 1, 'lowerThreshold'),
    tunnel: {
      type: oneOf(['ipip', 'gue', 'gre'] as const, tunnel.type, 'tunnel.type'),
      port: within(tunnel.port, 65_535, 'tunnel.port') as Destination['port'],
      checksum: oneOf(['none', 'checksum', 'remote'] as const, tunnel.checksum, 'tunnel.checksum'),
    },
    ...(proxyProtocol !== undefined && {
      proxyProtocol: oneOf(['v2', 'off'] as const, proxyProtocol, 'proxyProtocol'),
    }),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function serviceOf(value: unknown): ServiceId {
  const id = parseServiceKey(String(value));
  if (id === undefined) throw new RangeError(`${String(value)} names no service`);
  return id;
}

function record(value: unknown, name: string): Fields {
  if (typeof value !== 'object' || value === null) throw new RangeError(`${name} is no object`);
  return value as Fields;
}

function list(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new RangeError(`${name} is no list`);
  return value;
}

function count(value: unknown, name: string): number {
  return within(value, Number.MAX_SAFE_INTEGER, name);
}

function within(value: unknown, most: number, name: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new RangeError(`${name} is no whole number from 0 to ${most}`);
}

function oneOf<T extends string>(words: readonly T[], value: unknown, name: string): T {
  const found = words.find((word) => word === value);
  if (found === undefined) throw new RangeError(`${name} is not one of ${words.join(', ')}`);
  return found;
}
