import { parseHostPort } from '../model/parse-host-port.ts';
import { asPort, asWeight } from '../model/unit.ts';
import { check } from './check-schema.ts';
import { command } from './command-schema.ts';
import { duration } from './duration.ts';
import { field } from './field-doc.ts';
import { brandedNumber, choice, flag, mapping, sequenceIfGiven, string, wholeNumber } from './schema-part.ts';

/** Destinations of vipr.yaml, and the server that stands in for them. */

const INT_MAX = 2 ** 31 - 1;
const UINT_MAX = 2 ** 32 - 1;

export const tunnel = mapping({
  type: field(choice(['ipip', 'gue', 'gre']), '`ipip`, `gue` or `gre`', 'type: gue'),
  port: field(
    brandedNumber(1, 65535, asPort, 'a port').optional(),
    '1 to 65535: the UDP port of a `gue` tunnel, which needs one; the others have none',
    'port: 6080',
  ),
  checksum: field(
    choice(['none', 'checksum', 'remote']).default('none'),
    '`none`, `checksum` or `remote`; `ipip` has `none` alone, `gre` has no `remote`',
    'checksum: checksum',
  ),
});

/** What the table has of a destination. */
export const tableFields = {
  address: field(
    string('an address and a port, such as 192.0.2.11:80 or "[2001:db8::11]:80"', parseHostPort),
    'address and port',
    'address: "[2001:db8::11]:80"',
  ),
  method: field(
    choice(['masquerade', 'direct', 'tunnel']).default('masquerade'),
    "`masquerade`, `direct` or `tunnel`; `ipvs` and `ebpf` have all, the relay only masquerades. The others keep the port, which then must be the service's",
    'method: direct',
  ),
  weight: field(
    brandedNumber(0, INT_MAX, asWeight).prefault(1),
    '0 to 2147483647: share of new connections; 0 takes none',
    'weight: 5',
  ),
  'upper-threshold': field(
    wholeNumber(0, UINT_MAX).default(0),
    '0 to 4294967295: connections from which on it takes no new ones; 0 is no limit',
    'upper-threshold: 1000',
  ),
  'lower-threshold': field(
    wholeNumber(0, UINT_MAX).default(0),
    '0 to 4294967295, at most the upper one: connections below which it takes new ones again; 0 is three quarters of the upper one',
    'lower-threshold: 800',
  ),
  tunnel: field(
    tunnel.optional(),
    'a mapping, with `method: tunnel`, see [tunnel](#tunnel)',
    'tunnel: { type: gre }',
    'IP in IP',
  ),
  'proxy-protocol': field(
    choice(['v2', 'off']).optional(),
    "`v2` or `off`: whether the relay tells the client's address by the PROXY protocol, version 2: a header before the first byte of a TCP connection, and in each datagram; `ipvs` and `ebpf` refuse `v2`",
    'proxy-protocol: v2',
    'off',
  ),
};

export const destinationNotify = mapping({
  up: field(
    command.optional(),
    'a [command](#commands) that is run when the destination is up again',
    'up: /usr/local/bin/notify up',
  ),
  down: field(command.optional(), 'a command that is run when it failed', 'down: /usr/local/bin/notify down'),
});

const onFailure = {
  'inhibit-on-failure': flag().optional(),
  'connections-on-failure': choice(['purge', 'leave']).optional(),
  'slow-start': duration(0).optional(),
};

/** What a service says for all of its destinations. */
export const sharedFields = {
  'inhibit-on-failure': field(
    onFailure['inhibit-on-failure'].clone(),
    '`true` or `false`: whether a failed destination stays in the table with weight 0 instead of being removed',
    'inhibit-on-failure: true',
    '`false`',
  ),
  'connections-on-failure': field(
    onFailure['connections-on-failure'].clone(),
    '`purge` or `leave`: what becomes of the connections and persistence of a failed destination, see [failed destinations](#failed-destinations)',
    'connections-on-failure: leave',
    '`purge`',
  ),
  'slow-start': field(
    onFailure['slow-start'].clone(),
    'a [duration](#durations) over which the weight of a recovered destination rises to its own',
    'slow-start: 30s',
    '0',
  ),
};

/** What is watched of a destination. */
const monitoringFields = {
  checks: field(
    sequenceIfGiven(check),
    "a list of [checks](#checks) that all have to be up, instead of the service's; an empty one for none",
    'checks: [{ type: tcp, port: 8080 }]',
    "the service's",
  ),
  notify: field(
    destinationNotify.nullish(),
    'a mapping, see [notify of destinations](#notify-of-destinations)',
    'notify: { down: /usr/local/bin/page }',
    'none',
  ),
  'inhibit-on-failure': field(
    onFailure['inhibit-on-failure'].clone(),
    '`true` or `false`, as of [services](#services)',
    'inhibit-on-failure: true',
    "the service's",
  ),
  'connections-on-failure': field(
    onFailure['connections-on-failure'].clone(),
    '`purge` or `leave`, as of [services](#services)',
    'connections-on-failure: leave',
    "the service's",
  ),
  'slow-start': field(
    onFailure['slow-start'].clone(),
    'a [duration](#durations), as of [services](#services)',
    'slow-start: 1m',
    "the service's",
  ),
};

export const DESTINATION_MONITORING = Object.keys(monitoringFields);

export const destinationSchema = mapping({ ...tableFields, ...monitoringFields });

export const sorryServerFields = {
  inhibit: field(
    flag().default(false),
    '`true` or `false`: whether it stays in the table with weight 0 while it is not needed',
    'inhibit: true',
  ),
};

export const sorryServerSchema = mapping({ ...tableFields, ...sorryServerFields });
