import { z } from 'zod';
import { type IpAddress, parseIpAddress } from '../../model/address.ts';
import { parseHostPort } from '../../model/parse-host-port.ts';
import { parseServiceKey } from '../../model/parse-service-key.ts';
import { type ServiceId, type ServiceKey, serviceKey } from '../../model/service.ts';
import type { Port } from '../../model/unit.ts';
import type { DestinationSelection, DrainRequest } from '../operated-director.ts';
import { PAGE_LIMIT } from '../protocol.ts';
import { component } from './component.ts';

/** Parameters and bodies of the routes that operate a director. Unknown parameters are refused. */

/** An address, and a port where it is given. */
export interface Endpoint {
  readonly address: IpAddress;
  readonly port?: Port;
}

/** Longest cursor, and longest word of a parameter, in characters. */
const LONGEST = 1024;
const word = z.string().max(LONGEST);

const service = word.transform((text, context): ServiceId => {
  const id = parseServiceKey(text);
  if (id !== undefined) return id;
  context.addIssue({
    code: 'custom',
    message: 'must name a service, such as "tcp 192.0.2.10:80" or "fwmark 3 inet6"',
  });
  return z.NEVER;
});

const endpoint = word.transform((text, context): Endpoint => {
  const found = parseEndpoint(text);
  if (found !== undefined) return found;
  context.addIssue({
    code: 'custom',
    message:
      'must be an address, or one with a port: 192.0.2.1, 192.0.2.1:80, 2001:db8::1 or [2001:db8::1]:80',
  });
  return z.NEVER;
});

/** A whole number as a parameter has it: in decimal. */
function wholeNumber(least: number, most: number) {
  const expected = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^[0-9]{1,16}$/, expected)
    .transform(Number)
    .refine((value) => value >= least && value <= most, expected)
    .meta({ type: 'integer', minimum: least, maximum: most });
}

/** Of a route without parameters. */
export const noQuery = z.strictObject({});

export const serviceQuery = z.strictObject({
  key: service.describe('Such as `tcp 192.0.2.10:80`, `udp [2001:db8::10]:53`, `fwmark 3 inet6`.'),
});

export const explainQuery = z.strictObject({
  client: endpoint.describe('The address of a client, with or without a port.'),
  service: service.describe('The service that it connects to.'),
});

export const eventsQuery = z.strictObject({
  after: wholeNumber(0, Number.MAX_SAFE_INTEGER)
    .exactOptional()
    .describe('Only events with a greater `id`; 0 where it is absent.'),
});

export const connectionsQuery = z.strictObject({
  limit: wholeNumber(1, PAGE_LIMIT.most)
    .exactOptional()
    .describe(`Entries of a page; ${PAGE_LIMIT.usual} where only \`cursor\` is given.`),
  cursor: word.exactOptional().describe('`next` of the page before.'),
  service: service.exactOptional().describe('Only connections to this service.'),
  destination: endpoint.exactOptional().describe('Only connections to this address, or address and port.'),
  client: endpoint.exactOptional().describe('Only connections from this address, or address and port.'),
});

/** Groups of metrics, as `collect[]` names them. */
export const METRIC_GROUPS = [
  'ipvs',
  'services',
  'destinations',
  'checks',
  'vrrp',
  'sync',
  'director',
  'process',
] as const;
/** One of {@link METRIC_GROUPS}. */
export type MetricGroup = (typeof METRIC_GROUPS)[number];

const group = z.enum(METRIC_GROUPS);
export const metricsQuery = z.strictObject({
  'collect[]': z
    .union([group.transform((one) => [one]), z.array(group)], {
      error: `must be one of ${METRIC_GROUPS.join(', ')}, once or more`,
    })
    .exactOptional()
    .describe('Groups of metrics; all where it is absent.'),
});

/** A service in a body: its key, in any spelling. */
const serviceName = service.transform((id): ServiceKey => serviceKey(id)) satisfies z.ZodType<ServiceKey>;

const selection = {
  address: word.transform((text, context): IpAddress => {
    const found = parseIpAddress(text);
    if (found !== undefined) return found;
    context.addIssue({
      code: 'custom',
      message: 'must be an IPv4 address, or an IPv6 address without brackets',
    });
    return z.NEVER;
  }),
  port: (z.int().min(0).max(65535) as unknown as z.ZodType<Port>)
    .exactOptional()
    .describe('Absent for every port of the address.'),
  service: serviceName.exactOptional().describe('Absent for every service.'),
};

/** The body of POST /v1/restore. */
export const restoreRequest = component(
  'DestinationSelection',
  z.strictObject(selection),
) satisfies z.ZodType<DestinationSelection>;

/** The body of POST /v1/drain. */
export const drainRequest = component(
  'DrainRequest',
  z.strictObject({
    ...selection,
    deadline: z
      .int()
      .min(0)
      .max(2 ** 31 - 1)
      .exactOptional()
      .describe('Seconds after which whatever connections remain are ended; absent for none.'),
    // biome-ignore lint/suspicious/noThenProperty: a schema, which nobody awaits
    then: z.enum(['remove', 'leave']).describe('What becomes of the destination afterwards.'),
  }),
) satisfies z.ZodType<DrainRequest>;

function parseEndpoint(text: string): Endpoint | undefined {
  const alone = parseIpAddress(text.replace(/^\[(.*:.*)\]$/, '$1'));
  return alone === undefined ? parseHostPort(text) : { address: alone };
}
