import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Mistake, problemsOf, testMistakes } from '../../test/config/test-mistakes.ts';

/** A file with one TCP service, on 127.0.0.1:80, and with these lines below it. */
const service = (...lines: string[]) =>
  ['services:', '  - service: tcp 127.0.0.1:80', ...lines.map((line) => `    ${line}`)].join('\n');

/** A file with one destination, whose fields these are. */
const destination = (fields: string) => service('destinations:', `  - { ${fields} }`);

const cases: readonly Mistake[] = [
  ['an unknown engine', 'engine: »dpdk', 'engine: must be auto, ipvs, ebpf, relay or memory, not "dpdk"'],
  [
    'an unknown security of scripts',
    'script-security: »off',
    'script-security: must be warn or refuse, not "off"',
  ],
  ['no workers', '\nworkers:  »0', 'workers: must be a whole number from 1 to 1024, not 0'],
  ['half a worker', 'workers: »1.5', 'workers: must be a whole number from 1 to 1024, not 1.5'],
  [
    'a mistyped key',
    service('»shceduler: rr'),
    'services[0].shceduler: is not a key here; did you mean scheduler?',
  ],
  [
    'a key that resembles none',
    'timeouts: { »icmp: 3 }',
    'timeouts.icmp: is not a key here; there are tcp, tcpfin, udp',
  ],
  [
    'a timeout above what a number of the kernel holds',
    'timeouts: { tcp: »2147483648 }',
    'timeouts.tcp: must be a whole number of seconds from 1 to 2147483647, not 2147483648',
  ],
  [
    'a service without its key',
    'services:\n  - »scheduler: rr',
    'services[0].service: is missing: it must be a protocol, an address and a port, such as "tcp 192.0.2.10:80" or "udp [2001:db8::10]:53", or "fwmark 3 inet6"',
  ],
  [
    'an address that is none',
    destination('address: »127.0.0.256:80'),
    'services[0].destinations[0].address: must be an address and a port, such as 192.0.2.11:80 or "[2001:db8::11]:80", not "127.0.0.256:80"',
  ],
  [
    'a service given twice',
    'services:\n  - service: tcp [::1]:80\n  - service: »tcp [::0:1]:80\n',
    'services[1].service: tcp [::1]:80 is already given in line 2',
  ],
  [
    'a destination given twice, by two methods',
    service(
      'destinations:',
      '  - { address: 127.0.0.1:80 }',
      '  - { address: »127.0.0.1:80, method: direct }',
    ),
    'services[0].destinations[1].address: 127.0.0.1:80 is already given in line 4',
  ],
  [
    'port 0 without persistence',
    'services: [{ service: »tcp 127.0.0.1:0 }]',
    'services[0].service: port 0 takes all ports of the address, which needs persistence',
  ],
  [
    'port 0 with persistence that is not active',
    'services: [{ service: »tcp 127.0.0.1:0, persistence: { active: false } }]',
    'services[0].service: port 0 takes all ports of the address, which needs persistence',
  ],
  [
    'families mixed without a tunnel',
    destination('address: »"[::1]:80"'),
    'services[0].destinations[0].address: is IPv6 behind an IPv4 service, which needs method: tunnel',
  ],
  [
    'a lower threshold above the upper one',
    destination('address: 127.0.0.1:81, upper-threshold: 3, lower-threshold: »4'),
    'services[0].destinations[0].lower-threshold: 4 is above the upper threshold, 3',
  ],
  [
    'a lower threshold without an upper one',
    destination('address: 127.0.0.1:81, lower-threshold: »4'),
    'services[0].destinations[0].lower-threshold: 4 is above the upper threshold, 0',
  ],
  [
    'a negative weight',
    destination('address: 127.0.0.1:81, weight: »-1'),
    'services[0].destinations[0].weight: must be a whole number from 0 to 2147483647, not -1',
  ],
  [
    'a weight above what the kernel takes',
    destination('address: 127.0.0.1:81, weight: »2147483648'),
    'services[0].destinations[0].weight: must be a whole number from 0 to 2147483647, not 2147483648',
  ],
  [
    'one-packet scheduling of TCP',
    service('one-packet: »yes', 'persistence: »yes'),
    'services[0].one-packet: must be true or false, not "yes"',
    'services[0].persistence: must be a mapping of keys to values, not "yes"',
  ],
  [
    'one-packet scheduling of TCP, spelt well',
    service('one-packet: »true'),
    'services[0].one-packet: one-packet scheduling is only for udp and fwmark, not for tcp',
  ],
  [
    'a netmask of the other family',
    service('persistence: { netmask: »64 }'),
    'services[0].persistence.netmask: must be a netmask such as 255.255.255.0, because the service is IPv4',
  ],
  [
    'the flag of another scheduler, and one twice',
    service('scheduler: sh', 'flags: [sh-port, »mh-port, »sh-port]'),
    'services[0].flags[1]: is a flag of mh, not of sh',
    'services[0].flags[2]: is given twice',
  ],
  [
    'a tunnel that is not used',
    destination('address: 127.0.0.1:81, tunnel: »{ type: ipip }'),
    'services[0].destinations[0].tunnel: has a meaning only with method: tunnel, not with masquerade',
  ],
  [
    'a GUE tunnel without a port',
    destination('address: 127.0.0.1:80, method: tunnel, tunnel: »{ type: gue }'),
    'services[0].destinations[0].tunnel: of type gue needs a port',
  ],
  [
    'direct routing to another port',
    destination('address: »127.0.0.1:81, method: direct'),
    "services[0].destinations[0].address: must have the service's port, 80: method direct does not change it",
  ],
  [
    'an IPv6 address without quotes in braces',
    'services:\n- service: tcp [::1]:80\n  destinations: [{ address: [::1]»:80 }]',
    'Missing , between flow map items (an IPv6 address needs quotes here: "[::1]:80")',
  ],
  ['a key given twice', 'engine: relay\n»engine: memory', 'Map keys must be unique'],
  ['a tab', 'services:\n»\t- 3', 'Tabs are not allowed as indentation'],
  ['a list', '»- engine: relay', 'must be a mapping of keys to values, not a list'],
  ['services that are no list', 'services: »3', 'services: must be a list, not 3'],
  ['a number as a service', 'services: [»3]', 'services[0]: must be a mapping of keys to values, not 3'],
  [
    'a mistake behind an alias, where it was written',
    'services:\n- service: tcp 127.0.0.1:80\n  destinations: &d [{ address: 127.0.0.1:81, weight: »x }]\n- { service: udp 127.0.0.1:80, destinations: *d }',
    'services[0].destinations[0].weight: must be a whole number from 0 to 2147483647, not "x"',
    'services[1].destinations[0].weight: must be a whole number from 0 to 2147483647, not "x"',
  ],
];

testMistakes(cases);

test('a mistake in one field hides none in another, of one destination and of the whole file', () => {
  const text = `engin: relay
workers: many
services:
  - service: tcp 127.0.0.1:0
    scheduler: 5
    destinations:
      - { address: "[::1]:81", weight: x, upper-threshold: 1, lower-threshold: 2 }
      - { address: 127.0.0.1, wieght: 1 }
  - service: tcp 127.0.0.1:0
`;
  assert.deepEqual(
    problemsOf(text).map((line) => line.split(': ', 2).join(' ')),
    [
      'f:1:1 engin',
      'f:2:10 workers',
      'f:4:14 services[0].service',
      'f:5:16 services[0].scheduler',
      'f:7:20 services[0].destinations[0].address',
      'f:7:40 services[0].destinations[0].weight',
      'f:7:80 services[0].destinations[0].lower-threshold',
      'f:8:20 services[0].destinations[1].address',
      'f:8:31 services[0].destinations[1].wieght',
      'f:9:14 services[1].service',
      'f:9:14 services[1].service',
    ],
  );
});
