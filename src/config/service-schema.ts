import { z } from 'zod';
import { parseIpAddress } from '../model/address.ts';
import { asPrefixLength, asSeconds } from '../model/unit.ts';
import { check } from './check-schema.ts';
import { command } from './command-schema.ts';
import { destinationSchema, sharedFields, sorryServerSchema } from './destination-schema.ts';
import { field } from './field-doc.ts';
import { parseServiceIds } from './parse-service-ids.ts';
import { parsed } from './parsed.ts';
import {
  brandedNumber,
  choice,
  flag,
  mapping,
  oneOrMore,
  sequence,
  text,
  wholeNumber,
} from './schema-part.ts';

const INT_MAX = 2 ** 31 - 1;
/** ipvsadm's manual page documents 300; its binary takes 360. */
const DEFAULT_PERSISTENCE_TIMEOUT = 300;

const netmaskText = 'an IPv4 netmask such as 255.255.255.0, or an IPv6 prefix length from 1 to 128';
const netmask = parsed(
  z.union([z.string(), z.number()], { error: `must be ${netmaskText}` }),
  (value) => (typeof value === 'number' ? asPrefixLength(value) : inetMask(value)),
  netmaskText,
);

export const persistenceMapping = mapping({
  active: field(
    flag().default(true),
    '`true` or `false`: without it nobody stays, and netmask and engine are only kept, as `ipvsadm -M` without `-p` keeps them',
    'active: false',
  ),
  timeout: field(
    brandedNumber(0, INT_MAX, asSeconds, 'a whole number of seconds').prefault(DEFAULT_PERSISTENCE_TIMEOUT),
    '0 to 2147483647: seconds without a connection after which a client may get another server',
    'timeout: 1800',
  ),
  netmask: field(
    netmask.optional(),
    'the bits by which clients are told apart: an IPv4 netmask, or an IPv6 prefix length 1 to 128',
    'netmask: 255.255.255.0',
    'single hosts',
  ),
  engine: field(
    text('the name of a persistence engine, of at most 16 characters', 16).optional(),
    'a persistence engine, of at most 16 characters: `sip`, which `ipvs` alone has',
    'engine: sip',
  ),
});

const persistence = z
  .union([z.boolean(), persistenceMapping], { error: 'must be a mapping of keys to values' })
  .transform((value) =>
    value === true ? persistenceMapping.parse({}) : value === false ? undefined : value,
  );

export const serviceNotify = mapping({
  'quorum-up': field(
    command.optional(),
    'a [command](#commands) that is run when the quorum is gained',
    'quorum-up: /usr/local/bin/announce',
  ),
  'quorum-down': field(
    command.optional(),
    'a command that is run when the quorum is lost',
    'quorum-down: /usr/local/bin/withdraw',
  ),
});

/** The identity of one service or of several, as text. */
const serviceTexts = oneOrMore(
  'a protocol, an address and a port, such as "tcp 192.0.2.10:80" or "udp [2001:db8::10]:53", or "fwmark 3 inet6"',
  (value) => (parseServiceIds(value) === undefined ? undefined : value),
);

/** What is watched of a service; a service that has none of it, nor any destination, is not watched. */
const monitoringFields = {
  checks: field(
    sequence(check),
    'a list of [checks](#checks) for every destination that has none of its own',
    'checks: [tcp]',
  ),
  quorum: field(
    wholeNumber(1, INT_MAX).default(1),
    '1 to 2147483647: the weight that has to be alive',
    'quorum: 2',
  ),
  hysteresis: field(
    wholeNumber(0, INT_MAX).default(0),
    '0 to 2147483647, below `quorum`: the quorum is gained at `quorum` and this, and lost below `quorum` less this',
    'hysteresis: 1',
  ),
  alpha: field(
    flag().default(false),
    '`true` or `false`: whether the quorum counts as lost at the start, so that its being gained is told',
    'alpha: true',
  ),
  omega: field(
    flag().default(false),
    '`true` or `false`: whether the commands for failures and for the loss of the quorum are run when the director ends',
    'omega: true',
  ),
  'sorry-server': field(
    sorryServerSchema.optional(),
    'a mapping: a destination that serves while the quorum is lost, see [sorry-server](#sorry-server)',
    'sorry-server: { address: 10.0.0.99:80 }',
  ),
  notify: field(
    serviceNotify.nullish(),
    'a mapping, see [notify of services](#notify-of-services)',
    'notify: { quorum-down: /usr/local/bin/withdraw }',
    'none',
  ),
  ...sharedFields,
};

export const SERVICE_MONITORING = Object.keys(monitoringFields);

export const serviceSchema = mapping({
  service: field(
    serviceTexts,
    'protocol (`tcp`, `udp`, `sctp`), address and port, or a firewall mark 1 to 4294967295 with `inet` or `inet6`; port 0 is every port and needs `persistence`. A range or a list stands for [several services](#several-services)',
    'service: udp [2001:db8::10]:53',
  ),
  scheduler: field(
    text('the name of a scheduler, of at most 15 characters', 15).default('wlc'),
    'a name of at most 15 characters: `rr`, `wrr`, `lc`, `wlc`, `lblc`, `lblcr`, `dh`, `sh`, `sed`, `nq`, `fo`, `ovf`, `mh`, `twos`, or `none`',
    'scheduler: mh',
  ),
  flags: field(
    sequence(choice(['sh-fallback', 'sh-port', 'mh-fallback', 'mh-port', 'flag-1', 'flag-2', 'flag-3'])),
    'a list of `sh-fallback`, `sh-port`, `mh-fallback`, `mh-port`, `flag-1`, `flag-2`, `flag-3`; those with a name belong to that scheduler',
    'flags: [sh-port]',
  ),
  persistence: field(
    persistence.optional(),
    '`true`, `false`, or a mapping, see [persistence](#persistence)',
    'persistence: true',
    'off',
  ),
  'one-packet': field(
    flag().default(false),
    '`true` or `false`: each datagram is scheduled alone; `udp` and `fwmark` only',
    'one-packet: true',
  ),
  group: field(
    oneOrMore('the name of a group', (value) => value).optional(),
    "the name of one of the file's [groups](#groups), or a list of such: destinations that come before its own",
    'group: web',
  ),
  destinations: field(
    sequence(destinationSchema),
    'a list, see [destinations](#destinations)',
    'destinations: [{ address: 10.0.0.11:80 }]',
  ),
  ...monitoringFields,
});

function inetMask(value: string) {
  return value.includes(':') ? undefined : parseIpAddress(value);
}
