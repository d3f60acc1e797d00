import { parseIpAddress } from '../model/address.ts';
import { asFirewallMark, asPort } from '../model/unit.ts';
import { duration } from './duration.ts';
import { field } from './field-doc.ts';
import { brandedNumber, flag, string, text, wholeNumber } from './schema-part.ts';

/** When a check runs: fields of every check, and of `check-defaults`. */
export const timingFields = {
  interval: field(
    duration(1).optional(),
    'a [duration](#durations) above 0 from the start of one round to the start of the next one',
    'interval: 2s',
    '10 s',
  ),
  timeout: field(
    duration(1).optional(),
    'a duration above 0 that one attempt may take in all',
    'timeout: 500ms',
    '5 s',
  ),
  retry: field(
    wholeNumber(0, 1000).optional(),
    '0 to 1000: attempts after a failed one before the round has failed',
    'retry: 2',
    '1; `dns` 3; `misc` 0',
  ),
  'retry-delay': field(
    duration(0).optional(),
    'a duration from a failed attempt to the next one',
    'retry-delay: 1s',
    '1 s; `http` 3 s',
  ),
  warmup: field(
    duration(0).optional(),
    'a duration; the first round starts at a moment of chance up to this late, so that checks do not all run at once',
    'warmup: 0',
    'the interval',
  ),
  rise: field(
    wholeNumber(1, 1000).optional(),
    '1 to 1000: rounds that succeed, one after the other, before what was down is up',
    'rise: 2',
    '1',
  ),
  fall: field(
    wholeNumber(1, 1000).optional(),
    '1 to 1000: rounds that fail, one after the other, before what was up is down',
    'fall: 3',
    '1',
  ),
  alpha: field(
    flag().optional(),
    '`true` or `false`: whether the destination is down until the first success, and not up until the first failure',
    'alpha: true',
    '`false`',
  ),
  'log-all-failures': field(
    flag().optional(),
    '`true` or `false`: whether every failed attempt is logged, and not only those that change something',
    'log-all-failures: true',
    '`false`',
  ),
};

const port = () => brandedNumber(1, 65535, asPort, 'a port');

/** Where from checks connect. */
const sourceFields = {
  'source-address': field(
    string('an address of this host, such as 10.0.0.1', parseIpAddress).optional(),
    'an address of this host to connect from',
    'source-address: 10.0.0.1',
    "the system's choice",
  ),
  interface: field(
    text('the name of an interface, of at most 15 characters', 15).optional(),
    'the interface by which packets have to leave',
    'interface: eth1',
    "the system's choice",
  ),
  mark: field(
    brandedNumber(1, 4_294_967_295, asFirewallMark, 'a firewall mark').optional(),
    '1 to 4294967295: the firewall mark of the packets',
    'mark: 7',
    'none',
  ),
};

const addressFields = {
  address: field(
    string('an address without a port, such as 10.0.0.11', parseIpAddress).optional(),
    'an address to connect to',
    'address: 10.1.0.11',
    "the destination's",
  ),
};

/** Where checks that know no ports go. */
export const hostFields = { ...addressFields, ...sourceFields };

/** Where checks connect to, and from where. */
export const endpointFields = {
  ...addressFields,
  port: field(port().optional(), '1 to 65535: a port to connect to', 'port: 8080', "the destination's"),
  'source-port': field(
    port().optional(),
    '1 to 65535: a port to connect from',
    'source-port: 40000',
    "the system's choice",
  ),
  ...sourceFields,
};
