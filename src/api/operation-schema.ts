import { z } from 'zod';
import { type IpAddress, parseIpAddress } from '../model/address.ts';
import type { Operation } from '../model/operation.ts';
import { asFirewallMark, asPort, asPrefixLength, asSeconds, asWeight } from '../model/unit.ts';
import { component } from './schema/component.ts';

/**
 * Operations as they come over the socket, parsed into the model's branded types. What a value may be in itself is
 * checked here; what makes sense in the table (thresholds, families, known schedulers) the engine judges, operation by
 * operation.
 */

const UINT32_MAX = 2 ** 32 - 1;
const uint32 = z.int().min(0).max(UINT32_MAX);
/** Names of schedulers, persistence engines and interfaces; the engine knows which exist. */
const name = z.string().max(255);

const INT_MAX = 2 ** 31 - 1;
const port = branded(asPort, 'a whole number', 0, 65535);
const weight = branded(asWeight, 'a whole number', 0, INT_MAX);
const seconds = branded(asSeconds, 'a whole number of seconds', 0, INT_MAX);
const fwmark = branded(asFirewallMark, 'a whole number', 1, UINT32_MAX);
const prefixLength = branded(asPrefixLength, 'a whole number', 1, 128);
const address = z.string().transform((text, context): IpAddress => {
  const parsed = parseIpAddress(text);
  if (parsed !== undefined) return parsed;
  context.addIssue({
    code: 'custom',
    message: 'must be an IPv4 address, or an IPv6 address without brackets',
  });
  return z.NEVER;
});

export const serviceId = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('address'),
    protocol: z.enum(['tcp', 'udp', 'sctp']),
    address,
    port,
  }),
  z.strictObject({ kind: z.literal('fwmark'), fwmark, family: z.enum(['inet', 'inet6']) }),
]);

export const settings = z.strictObject({
  scheduler: name,
  schedulerFlags: z.strictObject({ flag1: z.boolean(), flag2: z.boolean(), flag3: z.boolean() }),
  persistenceTimeout: seconds.exactOptional(),
  persistenceNetmask: z.union([address, prefixLength], {
    error: 'must be an IPv4 netmask, or an IPv6 prefix length from 1 to 128',
  }),
  persistenceEngine: name.exactOptional(),
  onePacket: z.boolean(),
});

const destinationId = z.strictObject({ address, port });

export const destination = destinationId.extend({
  forwarding: z.enum(['masquerade', 'direct', 'tunnel', 'local', 'bypass']),
  weight,
  upperThreshold: uint32,
  lowerThreshold: uint32,
  tunnel: z.strictObject({
    type: z.enum(['ipip', 'gue', 'gre']),
    port,
    checksum: z.enum(['none', 'checksum', 'remote']),
  }),
  proxyProtocol: z.enum(['v2', 'off']).exactOptional(),
});

/** 0 keeps one as it is. */
export const timeouts = z.strictObject({ tcp: seconds, tcpfin: seconds, udp: seconds });

const daemon = z.strictObject({
  role: z.enum(['master', 'backup']),
  interface: name,
  syncId: z.int().min(0).max(255),
  maxLength: z.int().min(1).max(65535).exactOptional(),
  group: address.exactOptional(),
  port: port.exactOptional(),
  ttl: z.int().min(1).max(255).exactOptional(),
});

const operation = z.discriminatedUnion('kind', [
  withService('add-service', { settings }),
  withService('edit-service', { settings }),
  withService('delete-service', {}),
  withService('add-destination', { destination }),
  withService('edit-destination', { destination }),
  withService('delete-destination', { destination: destinationId }),
  z.strictObject({ kind: z.literal('flush') }),
  z.strictObject({ kind: z.literal('zero'), service: serviceId.exactOptional() }),
  z.strictObject({
    kind: z.literal('set-timeouts'),
    timeouts,
  }),
  z.strictObject({ kind: z.literal('start-daemon'), daemon }),
  z.strictObject({ kind: z.literal('stop-daemon'), role: z.enum(['master', 'backup']) }),
]) satisfies z.ZodType<Operation>;
component('Operation', operation);

/** The body of POST /v1/operations. */
export const operationsRequestSchema = component(
  'OperationsRequest',
  z.strictObject({ operations: z.array(operation) }),
);

function withService<K extends string, S extends z.ZodRawShape>(kind: K, shape: S) {
  return z.strictObject({ kind: z.literal(kind), service: serviceId, ...shape });
}

/** The limits are those of `as`; JSON Schema has no other way to know them. */
function branded<T extends number>(
  as: (value: number) => T | undefined,
  what: string,
  minimum: number,
  maximum: number,
) {
  return z
    .custom<T>(
      (value) => typeof value === 'number' && as(value) !== undefined,
      `must be ${what} from ${minimum} to ${maximum}`,
    )
    .meta({ type: 'integer', minimum, maximum });
}
