import { type Mistake, testMistakes } from '../../test/config/test-mistakes.ts';

/** A file with an instance that is good but for these fields. */
const instance = (fields: string) => `vrrp: { instances: [{ name: a, interface: eth0, id: 1, ${fields} }] }`;
const withAddress = (fields: string) => instance(`addresses: [192.0.2.1], ${fields}`);
const second = (fields: string) =>
  [
    'vrrp:',
    '  instances:',
    '    - { name: a, interface: eth0, id: 1, addresses: [192.0.2.1] }',
    `    - { ${fields} }`,
  ].join('\n');
const script = (fields: string) => `vrrp: { scripts: [{ name: s, ${fields} }] }`;
const group = (fields: string) =>
  [
    'vrrp:',
    '  instances: [{ name: web, interface: eth0, id: 1, addresses: [192.0.2.1] }]',
    `  groups: [{ ${fields} }]`,
  ].join('\n');
const sync = (fields: string) => `sync: [{ interface: eth0, ${fields} }]`;

const I = 'vrrp.instances[0]';
const DURATION = 'must be a duration such as 500ms, 2s, 5m or 1h, or a number of seconds';
const COMMAND = 'must be a program and its arguments, as one text or as a list of words';
const INTERFACE = 'must be the name of an interface, of at most 15 characters';
const ADDRESS = 'an address of a prefix length from 1 on, such as 192.0.2.10/24 or "2001:db8::10/64"';
const NETWORK = 'must be an address or a network, such as 198.51.100.0/24 or "2001:db8::/32"';
const whole = (least: number, most: number) => `must be a whole number from ${least} to ${most}`;
const FLAG = 'must be true or false';

const fields: readonly Mistake[] = [
  [
    'an instance without a name',
    'vrrp: { instances: [»{ interface: eth0, id: 1, addresses: [192.0.2.1] }] }',
    `${I}.name: is missing: it must be a name, of at most 255 characters in one line`,
  ],
  [
    'a name of nothing',
    'vrrp: { instances: [{ name: »"", interface: eth0, id: 1, addresses: [192.0.2.1] }] }',
    `${I}.name: must be a name, of at most 255 characters in one line, not ""`,
  ],
  [
    'too long an interface',
    'vrrp: { instances: [{ name: a, interface: »abcdefghijklmnop, id: 1, addresses: [192.0.2.1] }] }',
    `${I}.interface: ${INTERFACE}, not "abcdefghijklmnop"`,
  ],
  [
    'an ID of 0',
    'vrrp: { instances: [{ name: a, interface: e, id: »0, addresses: [192.0.2.1] }] }',
    `${I}.id: ${whole(1, 255)}, not 0`,
  ],
  ['version 1', withAddress('version: »1'), `${I}.version: must be 2 or 3, not 1`],
  ['priority 256', withAddress('priority: »256'), `${I}.priority: ${whole(1, 255)}, not 256`],
  ['a state of FAULT', withAddress('state: »fault'), `${I}.state: must be master or backup, not "fault"`],
  [
    'an interval of 5 ms',
    withAddress('interval: »5ms'),
    `${I}.interval: ${DURATION}, of at least 10ms, not "5ms"`,
  ],
  ['a preempt that is none', withAddress('preempt: »1'), `${I}.preempt: ${FLAG}, not 1`],
  [
    'too long a delay',
    withAddress('preempt-delay: »1001s'),
    `${I}.preempt-delay: must be a duration of at most 1000s, not "1001s"`,
  ],
  ['no addresses', instance('addresses: »[]'), `${I}.addresses: must have at least one address, not a list`],
  [
    'missing addresses',
    'vrrp: { instances: [»{ name: a, interface: eth0, id: 1 }] }',
    `${I}.addresses: is missing: it must be a list`,
  ],
  [
    'an address that is none',
    instance('addresses: [»192.0.2.1/0]'),
    `${I}.addresses[0]: must be ${ADDRESS}, not "192.0.2.1/0"`,
  ],
  [
    'an address that is a number',
    instance('addresses: [»3]'),
    `${I}.addresses[0]: must be ${ADDRESS}, or a mapping with address, interface, label and scope, not 3`,
  ],
  [
    'too long a prefix',
    instance('addresses: [{ address: »192.0.2.1/33 }]'),
    `${I}.addresses[0].address: must be ${ADDRESS}, not "192.0.2.1/33"`,
  ],
  [
    'a mistyped key of an address',
    instance('addresses: [{ address: 192.0.2.1, »lable: a }]'),
    `${I}.addresses[0].lable: is not a key here; did you mean label?`,
  ],
  [
    'an interface of an address',
    instance('addresses: [{ address: 192.0.2.1, interface: »"a b" }]'),
    `${I}.addresses[0].interface: ${INTERFACE}, not "a b"`,
  ],
  [
    'too long a label',
    instance('addresses: [{ address: 192.0.2.1, label: »abcdefghijklmnop }]'),
    `${I}.addresses[0].label: must be a label, of at most 15 characters, not "abcdefghijklmnop"`,
  ],
  [
    'a scope that is unknown',
    instance('addresses: [{ address: 192.0.2.1, scope: »nowhere }]'),
    `${I}.addresses[0].scope: must be global, site, link or host, not "nowhere"`,
  ],
  [
    'an excluded address that is none',
    withAddress('excluded-addresses: [»x]'),
    `${I}.excluded-addresses[0]: must be ${ADDRESS}, not "x"`,
  ],
  [
    'a route to nowhere',
    withAddress('routes: [{ to: »default }]'),
    `${I}.routes[0].to: ${NETWORK}, not "default"`,
  ],
  [
    'a route by a name',
    withAddress('routes: [{ via: »gw }]'),
    `${I}.routes[0].via: must be an address, such as 192.0.2.1, not "gw"`,
  ],
  [
    'a route from a network',
    withAddress('routes: [{ source: »192.0.2.0/24 }]'),
    `${I}.routes[0].source: must be an address, such as 192.0.2.10, not "192.0.2.0/24"`,
  ],
  [
    'a table by name',
    withAddress('routes: [{ table: »main }]'),
    `${I}.routes[0].table: ${whole(1, 4294967295)}, not "main"`,
  ],
  [
    'a metric below 0',
    withAddress('routes: [{ metric: »-1 }]'),
    `${I}.routes[0].metric: ${whole(0, 4294967295)}, not -1`,
  ],
  [
    'a rule without a table',
    withAddress('rules: [»{ from: 192.0.2.1 }]'),
    `${I}.rules[0].table: is missing: it ${whole(1, 4294967295)}`,
  ],
  [
    'a rule from a name',
    withAddress('rules: [{ from: »x, table: 1 }]'),
    `${I}.rules[0].from: ${NETWORK}, not "x"`,
  ],
  [
    'a preference that is none',
    withAddress('rules: [{ table: 1, preference: »x }]'),
    `${I}.rules[0].preference: ${whole(0, 4294967295)}, not "x"`,
  ],
  [
    'a peer that is a name',
    withAddress('unicast-peers: [»host]'),
    `${I}.unicast-peers[0]: must be an address, such as 192.0.2.3, not "host"`,
  ],
  [
    'no peers',
    withAddress('unicast-peers: »[]'),
    `${I}.unicast-peers: must have at least one address, not a list`,
  ],
  [
    'a source with a length',
    withAddress('source: »192.0.2.2/24'),
    `${I}.source: must be an address, such as 192.0.2.2, not "192.0.2.2/24"`,
  ],
  [
    'too long a password',
    withAddress('version: 2, password: »123456789'),
    `${I}.password: must be a password of 1 to 8 bytes, not 123456789`,
  ],
  [
    'too many bytes',
    withAddress('version: 2, password: »ééééé'),
    `${I}.password: must be a password of 1 to 8 bytes, not "ééééé"`,
  ],
  [
    'a virtual MAC without an interface',
    withAddress('virtual-mac: »{}'),
    `${I}.virtual-mac.interface: is missing: it ${INTERFACE}`,
  ],
  [
    "a virtual MAC address on the instance's own interface",
    withAddress('virtual-mac: { interface: »eth0 }'),
    `${I}.virtual-mac.interface: must be another interface than that of the instance`,
  ],
  [
    'advertisements to peers from a virtual MAC address',
    withAddress('unicast-peers: [192.0.2.9], virtual-mac: »{ interface: v }'),
    `${I}.virtual-mac.transmit-base: must be true with unicast-peers: only multicast comes from the virtual MAC address`,
  ],
  ['an acceptance that is none', withAddress('accept: »maybe'), `${I}.accept: ${FLAG}, not "maybe"`],
  [
    'a check of addresses that is none',
    withAddress('check-addresses: »0'),
    `${I}.check-addresses: ${FLAG}, not 0`,
  ],
  [
    'a checksum that is none',
    withAddress('pseudo-header-checksum: »v2'),
    `${I}.pseudo-header-checksum: ${FLAG}, not "v2"`,
  ],
  [
    'a delay of announcements',
    withAddress('announcements: { delay: »x }'),
    `${I}.announcements.delay: ${DURATION}, not "x"`,
  ],
  [
    'no announcements',
    withAddress('announcements: { repeat: »0 }'),
    `${I}.announcements.repeat: ${whole(1, 2147483647)}, not 0`,
  ],
  [
    'a mistyped announcement',
    withAddress('announcements: { »refesh: 1s }'),
    `${I}.announcements.refesh: is not a key here; did you mean refresh?`,
  ],
  [
    'an interface that is tracked by a number',
    withAddress('track-interface: »1'),
    `${I}.track-interface: ${FLAG}, not 1`,
  ],
  [
    'too large a weight',
    withAddress('track: [{ interface: e, weight: »254 }]'),
    `${I}.track[0].weight: ${whole(-253, 253)}, not 254`,
  ],
  [
    'a service that is none',
    withAddress('track: [{ service: »web }]'),
    `${I}.track[0].service: must be a service of this file, such as "tcp 192.0.2.10:80", not "web"`,
  ],
  [
    'a notification that is none',
    withAddress('notify: { »mastr: a }'),
    `${I}.notify.mastr: is not a key here; did you mean master?`,
  ],
  ['a command that is a number', withAddress('notify: { any: »3 }'), `${I}.notify.any: ${COMMAND}, not 3`],
  [
    'a mistyped key',
    withAddress('»virtual-router-id: 3'),
    `${I}.virtual-router-id: is not a key here; there are name, interface, id, version, priority, state, interval, preempt, preempt-delay, addresses, excluded-addresses, routes, rules, unicast-peers, source, password, virtual-mac, accept, check-addresses, pseudo-header-checksum, announcements, track-interface, track, notify`,
  ],
  [
    'a script without a command',
    'vrrp: { scripts: [»{ name: s }] }',
    `vrrp.scripts[0].command: is missing: it ${COMMAND}`,
  ],
  [
    'an interval of nothing',
    script('command: a, interval: »0'),
    `vrrp.scripts[0].interval: ${DURATION}, of at least 1ms, not 0`,
  ],
  [
    'a timeout of nothing',
    script('command: a, timeout: »0'),
    `vrrp.scripts[0].timeout: ${DURATION}, of at least 1ms, not 0`,
  ],
  [
    'a weight that is none',
    script('command: a, weight: »x'),
    `vrrp.scripts[0].weight: ${whole(-253, 253)}, not "x"`,
  ],
  ['no rise', script('command: a, rise: »0'), `vrrp.scripts[0].rise: ${whole(1, 2147483647)}, not 0`],
  ['no fall', script('command: a, fall: »0'), `vrrp.scripts[0].fall: ${whole(1, 2147483647)}, not 0`],
  [
    'a first state that is none',
    script('command: a, init-fail: »x'),
    `vrrp.scripts[0].init-fail: ${FLAG}, not "x"`,
  ],
  [
    'a group without instances',
    group('name: g, instances: »[]'),
    'vrrp.groups[0].instances: must have at least one instance, not a list',
  ],
  ['a delay that is none', 'vrrp: { startup-delay: »x }', `vrrp.startup-delay: ${DURATION}, not "x"`],
  [
    'a pipe without a path',
    'vrrp: { fifos: [»{}] }',
    'vrrp.fifos[0].path: is missing: it must be the name of a named pipe',
  ],
  ['another section', 'vrrp: { »instance: [] }', 'vrrp.instance: is not a key here; did you mean instances?'],
];

const rules: readonly Mistake[] = [
  [
    'a name given twice',
    second('name: »a, interface: eth1, id: 1, addresses: [192.0.2.1]'),
    'vrrp.instances[1].name: the instance a is already given in line 3',
  ],
  [
    'an ID given twice',
    second('name: b, interface: eth0, id: »1, addresses: [192.0.2.2]'),
    'vrrp.instances[1].id: the virtual router 1 of IPv4 on eth0 is already given in line 3',
  ],
  [
    'half a second in version 2',
    withAddress('version: 2, interval: »500ms'),
    `${I}.interval: must be whole seconds from 1s to 255s in version 2`,
  ],
  [
    '256 s in version 2',
    withAddress('version: 2, interval: »256s'),
    `${I}.interval: must be whole seconds from 1s to 255s in version 2`,
  ],
  [
    '15 ms',
    withAddress('interval: »15ms'),
    `${I}.interval: must be from 10ms to 40.95s in steps of 10ms in version 3`,
  ],
  [
    '41 s',
    withAddress('interval: »41s'),
    `${I}.interval: must be from 10ms to 40.95s in steps of 10ms in version 3`,
  ],
  [
    'a password in version 3',
    withAddress('password: »abc'),
    `${I}.password: is for version 2 only: version 3 has no passwords`,
  ],
  [
    'IPv6 in version 2',
    instance('addresses: ["2001:db8::1"], version: »2'),
    `${I}.version: must be 3 for IPv6 addresses: version 2 is for IPv4 only`,
  ],
  [
    'a checksum of version 2',
    withAddress('version: 2, pseudo-header-checksum: »false'),
    `${I}.pseudo-header-checksum: is a choice for version 3 over IPv4 only`,
  ],
  [
    'an owner that waits',
    withAddress('priority: 255, preempt: »false'),
    `${I}.preempt: must be true with priority 255: the owner of the addresses always takes over`,
  ],
  [
    'a delay without preemption',
    withAddress('preempt: false, preempt-delay: »1s'),
    `${I}.preempt-delay: has no effect without preempt`,
  ],
  [
    'two families',
    instance('addresses: [192.0.2.1, »"2001:db8::1"]'),
    `${I}.addresses[1]: is IPv6 in an instance of IPv4, which its first address makes it`,
  ],
  [
    'a source of another family',
    withAddress('source: »"2001:db8::1"'),
    `${I}.source: is IPv6 in an instance of IPv4, which its first address makes it`,
  ],
  [
    'a peer of another family',
    withAddress('unicast-peers: [»"2001:db8::1"]'),
    `${I}.unicast-peers[0]: is IPv6 in an instance of IPv4, which its first address makes it`,
  ],
  [
    'a peer given twice',
    withAddress('unicast-peers: [192.0.2.3, »192.0.2.3]'),
    `${I}.unicast-peers[1]: 192.0.2.3 is already given in line 1`,
  ],
  [
    'an address given twice',
    withAddress('excluded-addresses: [{ address: »192.0.2.1/24 }]'),
    `${I}.excluded-addresses[0].address: 192.0.2.1 is already given in line 1`,
  ],
  [
    'a label of IPv6',
    instance('addresses: [{ address: "2001:db8::1", label: »a }]'),
    `${I}.addresses[0].label: is for IPv4 addresses only`,
  ],
  [
    'nothing tracked',
    withAddress('track: [»{ weight: 3 }]'),
    `${I}.track[0]: must have one of interface, script, file, process, service`,
  ],
  [
    'two things tracked',
    withAddress('track: [{ interface: e, process: »p }]'),
    `${I}.track[0].process: is given beside interface: give each an entry of its own`,
  ],
  [
    'a script that is missing',
    withAddress('track: [{ script: »s }]'),
    `${I}.track[0].script: there is no script "s"; the section vrrp has no scripts`,
  ],
  [
    'a service that is missing',
    withAddress('track: [{ service: »tcp 192.0.2.1:80 }]'),
    `${I}.track[0].service: there is no service tcp 192.0.2.1:80 in this file`,
  ],
  [
    'a service in reverse',
    `${withAddress('track: [{ service: tcp 192.0.2.1:80, reverse: »true }]')}\nservices: [{ service: tcp 192.0.2.1:80 }]`,
    `${I}.track[0].reverse: is not for services`,
  ],
  [
    'a group of an unknown instance',
    group('name: g, instances: [»wob]'),
    'vrrp.groups[0].instances[0]: there is no instance "wob"; did you mean web?',
  ],
  [
    'an instance in two groups',
    group('name: g, instances: [web] }, { name: h, instances: [»web]'),
    'vrrp.groups[1].instances[0]: the instance web is already given in line 3',
  ],
  [
    'a script of a group that is missing',
    group('name: g, instances: [web], track: [{ script: »x }]'),
    'vrrp.groups[0].track[0].script: there is no script "x"; the section vrrp has no scripts',
  ],
  [
    'a MAC interface given twice',
    'vrrp:\n  instances:\n  - { name: a, interface: eth0, id: 1, addresses: [192.0.2.1], virtual-mac: { interface: v } }\n  - { name: b, interface: eth0, id: 2, addresses: [192.0.2.2], virtual-mac: { interface: »v } }',
    'vrrp.instances[1].virtual-mac.interface: the interface v is already given in line 3',
  ],
  [
    'a pipe given twice',
    'vrrp: { fifos: [{ path: /a }, { path: »/a }] }',
    'vrrp.fifos[1].path: /a is already given in line 1',
  ],
];

const daemons: readonly Mistake[] = [
  ['a daemon without a role', 'sync: [»{ interface: eth0 }]', 'sync[0]: must have role or follow'],
  [
    'a daemon without an interface',
    'sync: [»{ role: master }]',
    `sync[0].interface: is missing: it ${INTERFACE}`,
  ],
  ['a role that is unknown', sync('role: »both'), 'sync[0].role: must be master or backup, not "both"'],
  ['an ID that is too large', sync('role: master, id: »256'), `sync[0].id: ${whole(0, 255)}, not 256`],
  [
    'a group that is none',
    sync('role: master, group: »192.0.2.1'),
    'sync[0].group: must be a multicast address, such as 224.0.0.81 or "ff02::81", not "192.0.2.1"',
  ],
  ['port 0', sync('role: master, port: »0'), 'sync[0].port: must be a port from 1 to 65535, not 0'],
  ['TTL 0', sync('role: master, ttl: »0'), `sync[0].ttl: ${whole(1, 255)}, not 0`],
  [
    'too long a datagram',
    sync('role: master, max-length: »65508'),
    `sync[0].max-length: ${whole(1, 65507)}, not 65508`,
  ],
  [
    'a role twice',
    'sync: [{ role: master, interface: a }, { role: »master, interface: b }]',
    'sync[1].role: master is given twice: there is one of each',
  ],
  [
    'an instance that is missing',
    sync('follow: »web'),
    'sync[0].follow: there is no instance "web"; the section vrrp has no instances',
  ],
  [
    'a role beside an instance',
    'vrrp: { instances: [{ name: a, interface: e, id: 1, addresses: [192.0.2.1] }] }\nsync: [{ interface: e, follow: a, role: »backup }]',
    'sync[0].role: is given beside follow, which tells the role: give one of them',
  ],
  [
    'a daemon beside one that follows',
    'vrrp: { instances: [{ name: a, interface: e, id: 1, addresses: [192.0.2.1] }] }\nsync: [{ interface: e, follow: »a }, { interface: e, role: backup }]',
    'sync[0].follow: must be the only daemon: its role changes',
  ],
];

testMistakes([...fields, ...rules, ...daemons]);
