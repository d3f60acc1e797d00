import { parseServiceKey } from '../model/parse-service-key.ts';
import { serviceKey } from '../model/service.ts';
import { command } from './command-schema.ts';
import { duration } from './duration.ts';
import { field } from './field-doc.ts';
import { flag, line, mapping, string, wholeNumber } from './schema-part.ts';
import { interfaceName } from './vrrp-address-schema.ts';

/** What instances and groups of VRRP in vipr.yaml watch, and whom they tell. */

export const NAME = 'a name, of at most 255 characters in one line';
export const name = () => line(NAME, 255);
const LARGEST_WEIGHT = 253;
const MOST_COUNTS = 2 ** 31 - 1;

export const tracked = mapping({
  interface: field(interfaceName().optional(), 'an interface: up while it is running', 'interface: eth1'),
  script: field(name().optional(), 'the name of one of the [scripts](#scripts)', 'script: web'),
  file: field(
    line('the name of a file').optional(),
    'a file with a number, which is multiplied with the weight. With weight 0 any number but 0 means FAULT',
    'file: /run/vipr/claim',
  ),
  process: field(
    line('the name or the path of a program').optional(),
    'the name or the path of a program: up while a process of it runs',
    'process: nginx',
  ),
  service: field(
    string('a service of this file, such as "tcp 192.0.2.10:80"', (value) => {
      const id = parseServiceKey(value);
      return id && serviceKey(id);
    }).optional(),
    'one of the [services](#services): up while it has its quorum',
    'service: tcp 192.0.2.10:80',
  ),
  weight: field(
    wholeNumber(-LARGEST_WEIGHT, LARGEST_WEIGHT).optional(),
    '-253 to 253: added to the priority while it is up if it is above 0, and while it is down if it is below. 0 means FAULT while it is down',
    'weight: -20',
    "0; of a `script` the script's, of a `file` 1",
  ),
  reverse: field(
    flag().optional(),
    '`true` or `false`: whether up and down, and the sign of the weight, change places; not for a `service`',
    'reverse: true',
    '`false`',
  ),
});

export const vrrpNotify = mapping({
  master: field(
    command.optional(),
    'a [command](#commands) that is run when it becomes master',
    'master: /usr/local/bin/master',
  ),
  backup: field(
    command.optional(),
    'a command that is run when it becomes a backup',
    'backup: /usr/local/bin/backup',
  ),
  fault: field(
    command.optional(),
    'a command that is run when it goes to FAULT',
    'fault: /usr/local/bin/fault',
  ),
  stop: field(
    command.optional(),
    'a command that is run when the director ends',
    'stop: /usr/local/bin/stop',
  ),
  any: field(
    command.optional(),
    'a command that is run at every change, with `INSTANCE` or `GROUP`, the name, the state and the priority as further arguments',
    'any: /usr/local/bin/changed',
  ),
});

export const trackScript = mapping({
  name: field(name(), 'a name that no other script has', 'name: web'),
  command: field(
    command,
    'a [command](#commands): up while it ends with 0',
    'command: /usr/local/bin/check-web',
  ),
  interval: field(
    duration(1).prefault('1s'),
    'a [duration](#durations) above 0 from the start of one run to the start of the next one',
    'interval: 2s',
  ),
  timeout: field(
    duration(1).optional(),
    'a duration above 0 after which a run has failed',
    'timeout: 500ms',
    'the interval',
  ),
  weight: field(
    wholeNumber(-LARGEST_WEIGHT, LARGEST_WEIGHT).default(0),
    '-253 to 253: the weight where none is given at `track`',
    'weight: -20',
  ),
  rise: field(
    wholeNumber(1, MOST_COUNTS).default(1),
    '1 to 2147483647: runs that succeed, one after the other, before what was down is up',
    'rise: 2',
  ),
  fall: field(
    wholeNumber(1, MOST_COUNTS).default(1),
    '1 to 2147483647: runs that fail, one after the other, before what was up is down',
    'fall: 3',
  ),
  'init-fail': field(
    flag().default(false),
    '`true` or `false`: whether it is down until its first result',
    'init-fail: true',
  ),
});
