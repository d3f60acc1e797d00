import { z } from 'zod';
import { endpointFields, hostFields, timingFields } from './check-fields.ts';
import { command } from './command-schema.ts';
import { field } from './field-doc.ts';
import { httpRequest, requestFields, tls } from './http-check-schema.ts';
import { parsed } from './parsed.ts';
import {
  alternatives,
  choice,
  flag,
  line,
  mapping,
  sequence,
  string,
  text,
  wholeNumber,
} from './schema-part.ts';

/** The kinds of checks of vipr.yaml: `type` tells which one a mapping is. */

export const CHECK_TYPES = ['tcp', 'http', 'smtp', 'dns', 'udp', 'ping', 'file', 'misc', 'path'] as const;
/** Types that need no further field, and may be written as a name alone. */
export const BARE_TYPES: readonly string[] = ['tcp', 'http', 'smtp', 'dns', 'udp', 'ping', 'path'];

/** Record types that the resolver of checks can ask for. */
const DNS_TYPES = [
  ...['A', 'AAAA', 'CAA', 'CNAME', 'DNSKEY', 'DS', 'MX', 'NS', 'NSEC', 'PTR', 'RRSIG', 'SOA', 'SRV', 'TXT'],
] as const;

const VERSION = '1.0 or 1.1';
const version = parsed(
  z.union([z.string(), z.number()], { error: `must be ${VERSION}` }),
  (value) => ({ '1.0': '1.0' as const, '1': '1.0' as const, '1.1': '1.1' as const })[String(value)],
  VERSION,
);

export const smtpHost = mapping(endpointFields);

export const httpFields = {
  ...requestFields,
  tls: field(tls.optional(), '`true` for HTTPS, `false`, or a mapping, see [tls](#tls)', 'tls: true', 'off'),
  version: field(version.prefault('1.1'), '`1.0` or `1.1`: the version of HTTP', 'version: 1.0', '`1.1`'),
  requests: field(
    sequence(httpRequest),
    'a list of mappings, each with the keys from `path` to `body`, instead of these: all have to succeed, each on a connection of its own',
    'requests: [{ path: /a }, { path: /b, status: 404 }]',
  ),
};

export const smtpFields = {
  'helo-name': field(
    text('a name without blanks, of at most 255 characters', 255).default('localhost'),
    'the name that HELO tells',
    'helo-name: director.example.org',
  ),
  hosts: field(
    sequence(smtpHost),
    'a list of mappings with keys of [where checks connect](#where-checks-connect): servers that all have to answer, instead of the destination',
    'hosts: [{ address: 10.0.0.25, port: 25 }]',
  ),
};

export const dnsFields = {
  'record-type': field(
    choice(DNS_TYPES).default('SOA'),
    `${DNS_TYPES.slice(0, -1)
      .map((name) => `\`${name}\``)
      .join(', ')} or \`${DNS_TYPES.at(-1)}\`: what is asked for`,
    'record-type: A',
  ),
  name: field(
    text('a domain name, of at most 255 characters', 255).default('.'),
    'a domain name, `.` for the root',
    'name: www.example.org',
  ),
};

export const udpFields = {
  payload: field(
    string('text of at most 65507 bytes in UTF-8', parsePayload).optional(),
    'text that is sent, in UTF-8',
    'payload: ping',
    'nothing, an empty datagram',
  ),
  'payload-hex': field(
    string('bytes in hexadecimal digits, such as "00 ff 10"', parseHex).optional(),
    'bytes that are sent, instead of `payload`',
    'payload-hex: 00 ff 10',
    'none',
  ),
  'require-reply': field(
    flag().default(false),
    '`true` or `false`: whether a reply has to come; without, only an ICMP error is a failure',
    'require-reply: true',
  ),
  'min-reply-length': field(
    wholeNumber(0, 65_535).default(0),
    '0 to 65535: bytes that a reply has to have at least',
    'min-reply-length: 4',
  ),
  'max-reply-length': field(
    wholeNumber(0, 65_535).default(65_535),
    '0 to 65535: bytes that a reply may have',
    'max-reply-length: 512',
  ),
};

export const fileFields = {
  path: field(line('the name of a file'), 'a file that has a number', 'path: /run/web.weight'),
  factor: field(
    wholeNumber(-254, 254).default(1),
    'a whole number from -254 to 254: the number of the file times this is added to the weight; with 0 the check fails where the number is not 0',
    'factor: 0',
  ),
};

export const miscFields = {
  command: field(
    command,
    'a [command](#commands): exit code 0 is good, every other one bad',
    'command: /usr/local/bin/check-db --fast',
  ),
  dynamic: field(
    flag().default(false),
    '`true` or `false`: whether codes from 2 to 255 are good, and set the weight to the code less 2',
    'dynamic: true',
  ),
};

const kind = <const T extends (typeof CHECK_TYPES)[number], S extends z.ZodRawShape>(type: T, fields: S) =>
  mapping({ type: z.literal(type), ...timingFields, ...fields });

const TYPES = alternatives(CHECK_TYPES);

export const checkMapping = z.discriminatedUnion(
  'type',
  [
    kind('tcp', endpointFields),
    kind('http', { ...endpointFields, ...httpFields }),
    kind('smtp', { ...endpointFields, ...smtpFields }),
    kind('dns', { ...endpointFields, ...dnsFields }),
    kind('udp', { ...endpointFields, ...udpFields }),
    kind('ping', hostFields),
    kind('file', fileFields),
    kind('misc', miscFields),
    kind('path', {}),
  ],
  {
    error: ({ input }) => (isMapping(input) ? typeError(input.type) : 'must be a mapping of keys to values'),
  },
);

/** A check of a service or a destination: written there, or by its name. */
export const check = z.union(
  [
    z
      .string({ error: 'must be the name of a check' })
      .regex(/^\S+$/, { error: 'must be the name of a check' }),
    checkMapping,
  ],
  { error: 'must be the name of a check, or a mapping with type' },
);

function typeError(type: unknown): string {
  if (type === 'https' || type === 'ssl') return `must be ${TYPES}; for HTTPS write type: http and tls: true`;
  if (String(type).toLowerCase() === 'bfd') {
    return `must be ${TYPES}; vipr does not speak BFD: a tcp or ping check with a short interval finds dead servers, too`;
  }
  return `must be ${TYPES}`;
}

/** The most that a datagram of IPv4 can have. */
function parsePayload(text: string): Uint8Array | undefined {
  const bytes = new TextEncoder().encode(text);
  return bytes.length <= 65_507 ? bytes : undefined;
}

function parseHex(text: string): Uint8Array | undefined {
  const digits = text.replace(/[\s:]/g, '');
  if (!/^(?:[0-9a-f]{2}){0,65507}$/i.test(digits)) return undefined;
  return Uint8Array.from(digits.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
