import { type Mistake, testMistakes } from '../../test/config/test-mistakes.ts';

/** A file with one TCP service, on 127.0.0.1:80, and with these lines below it. */
const service = (...lines: string[]) =>
  ['services:', '  - service: tcp 127.0.0.1:80', ...lines.map((line) => `    ${line}`)].join('\n');
/** A file with a service that has this check. */
const check = (fields: string) => service(`checks: [{ ${fields} }]`);
const destination = (fields: string) => service('destinations:', `  - { address: 127.0.0.1:81, ${fields} }`);

const CHECK = 'services[0].checks[0]';
const DURATION = 'must be a duration such as 500ms, 2s, 5m or 1h, or a number of seconds';
const TYPES = 'must be tcp, http, smtp, dns, udp, ping, file, misc or path';
const COMMAND = 'must be a program and its arguments, as one text or as a list of words';
const STATUS = 'must be codes from 100 to 999 such as 404, "200-299" or "200-299, 404", or a list of such';

const timing: readonly Mistake[] = [
  [
    'an interval of nothing',
    check('type: tcp, interval: »0'),
    `${CHECK}.interval: ${DURATION}, of at least 1ms, not 0`,
  ],
  [
    'an interval in days',
    check('type: tcp, interval: »2d'),
    `${CHECK}.interval: ${DURATION}, of at least 1ms, not "2d"`,
  ],
  [
    'a timeout of nothing',
    check('type: tcp, timeout: »0ms'),
    `${CHECK}.timeout: ${DURATION}, of at least 1ms, not "0ms"`,
  ],
  ['a negative delay', check('type: tcp, retry-delay: »-1'), `${CHECK}.retry-delay: ${DURATION}, not -1`],
  ['a warmup that is none', check('type: tcp, warmup: »yes'), `${CHECK}.warmup: ${DURATION}, not "yes"`],
  [
    'half a retry',
    check('type: tcp, retry: »0.5'),
    `${CHECK}.retry: must be a whole number from 0 to 1000, not 0.5`,
  ],
  ['no rise', check('type: tcp, rise: »0'), `${CHECK}.rise: must be a whole number from 1 to 1000, not 0`],
  [
    'too long a fall',
    check('type: tcp, fall: »1001'),
    `${CHECK}.fall: must be a whole number from 1 to 1000, not 1001`,
  ],
  [
    'an alpha that is a number',
    check('type: tcp, alpha: »1'),
    `${CHECK}.alpha: must be true or false, not 1`,
  ],
  [
    'a mistyped log-all-failures',
    check('type: tcp, »log-all-failure: true'),
    `${CHECK}.log-all-failure: is not a key here; did you mean log-all-failures?`,
  ],
  [
    'a default that is none',
    'check-defaults: { interval: »x }',
    `check-defaults.interval: ${DURATION}, of at least 1ms, not "x"`,
  ],
  [
    'a default of one type',
    'check-defaults: { »path: / }',
    'check-defaults.path: is not a key here; there are interval, timeout, retry, retry-delay, warmup, rise, fall, alpha, log-all-failures',
  ],
];

const endpoint: readonly Mistake[] = [
  [
    'an address with a port',
    check('type: tcp, address: »10.0.0.1:80'),
    `${CHECK}.address: must be an address without a port, such as 10.0.0.11, not "10.0.0.1:80"`,
  ],
  ['port 0', check('type: tcp, port: »0'), `${CHECK}.port: must be a port from 1 to 65535, not 0`],
  [
    'a source that is a name',
    check('type: tcp, source-address: »eth0'),
    `${CHECK}.source-address: must be an address of this host, such as 10.0.0.1, not "eth0"`,
  ],
  [
    'a source port too high',
    check('type: tcp, source-port: »65536'),
    `${CHECK}.source-port: must be a port from 1 to 65535, not 65536`,
  ],
  [
    'too long an interface',
    check('type: tcp, interface: »abcdefghijklmnop'),
    `${CHECK}.interface: must be the name of an interface, of at most 15 characters, not "abcdefghijklmnop"`,
  ],
  [
    'mark 0',
    check('type: tcp, mark: »0'),
    `${CHECK}.mark: must be a firewall mark from 1 to 4294967295, not 0`,
  ],
  [
    'the port of a ping',
    check('type: ping, »port: 80'),
    `${CHECK}.port: is not a key here; there are type, interval, timeout, retry, retry-delay, warmup, rise, fall, alpha, log-all-failures, address, source-address, interface, mark`,
  ],
];

const kinds: readonly Mistake[] = [
  [
    'BFD',
    check('type: »bfd'),
    `${CHECK}.type: ${TYPES}; vipr does not speak BFD: a tcp or ping check with a short interval finds dead servers, too, not "bfd"`,
  ],
  [
    'HTTPS',
    check('type: »https'),
    `${CHECK}.type: ${TYPES}; for HTTPS write type: http and tls: true, not "https"`,
  ],
  ['another type', check('type: »ftp'), `${CHECK}.type: ${TYPES}, not "ftp"`],
  ['a check without type', service('checks: [»{ path: / }]'), `${CHECK}.type: is missing: it ${TYPES}`],
  [
    'a check that is a number',
    service('checks: [»3]'),
    `${CHECK}: must be the name of a check, or a mapping with type, not 3`,
  ],
  ['checks that are no list', service('checks: »tcp'), 'services[0].checks: must be a list, not "tcp"'],
  [
    'a check that does not exist',
    `checks: { web: { type: tcp } }\n${service('checks: [»wob]')}`,
    `${CHECK}: there is no check "wob"; did you mean web?`,
  ],
  [
    'a name that resembles none',
    service('checks: [»x-y-z]'),
    `${CHECK}: there is no check "x-y-z"; there are tcp, http, smtp, dns, udp, ping, path`,
  ],
  [
    'a type that needs more',
    service('checks: [»misc]'),
    `${CHECK}: a check of type misc needs more than its type: write a mapping`,
  ],
  [
    'a check named as a type',
    'checks: { tcp: »{ type: tcp } }',
    'checks.tcp: tcp is the name of a type of check: give this one another name',
  ],
  [
    'a name that is none',
    'checks: { »"a b": { type: tcp } }',
    'checks.a b: must be a name of letters, digits, dots, _ and -',
  ],
  [
    'a mistake in a named check',
    'checks: { a: { type: http, path: »x } }',
    'checks.a.path: must be a path that begins with / and has no blanks, not "x"',
  ],
  [
    'a key of another type',
    check('type: tcp, »path: /'),
    `${CHECK}.path: is not a key here; there are type, interval, timeout, retry, retry-delay, warmup, rise, fall, alpha, log-all-failures, address, port, source-port, source-address, interface, mark`,
  ],
  [
    'a method that is unknown',
    check('type: http, method: »POST'),
    `${CHECK}.method: must be GET or HEAD, not "POST"`,
  ],
  [
    'a host with blanks',
    check('type: http, virtual-host: »"a b"'),
    `${CHECK}.virtual-host: must be the name of a host, not "a b"`,
  ],
  ['a code that is none', check('type: http, status: »99'), `${CHECK}.status: ${STATUS}, not 99`],
  [
    'a range of codes that is empty',
    check('type: http, status: »299-200'),
    `${CHECK}.status: ${STATUS}, not "299-200"`,
  ],
  [
    'a digest that is too short',
    check('type: http, digest: »"md5:00"'),
    `${CHECK}.digest: must be the hash of the whole body, md5: and 32 hexadecimal digits or sha256: and 64 of them, not "md5:00"`,
  ],
  [
    'a regular expression that is none',
    check('type: http, body: »"("'),
    `${CHECK}.body: must be a regular expression (Invalid regular expression: /(/: Unterminated group), not "("`,
  ],
  [
    'flags that are unknown',
    check('type: http, body: { pattern: a, flags: »g }'),
    `${CHECK}.body.flags: must be some of the letters i, m, s, u and v, each once, and not both of u and v, not "g"`,
  ],
  [
    'a body without a pattern',
    check('type: http, body: »{ absent: true }'),
    `${CHECK}.body.pattern: is missing: it must be a regular expression`,
  ],
  [
    'offsets that cross',
    check('type: http, body: { pattern: a, min-offset: »5, max-offset: 4 }'),
    `${CHECK}.body.min-offset: 5 is above max-offset, 4`,
  ],
  [
    'a version that is unknown',
    check('type: http, version: »2'),
    `${CHECK}.version: must be 1.0 or 1.1, not 2`,
  ],
  [
    'TLS that is a word',
    check('type: http, tls: »on'),
    `${CHECK}.tls: must be true or false, or a mapping with server-name, verify and certificate-authority, not "on"`,
  ],
  [
    'a mistyped key of TLS',
    check('type: http, tls: { »verfy: false }'),
    `${CHECK}.tls.verfy: is not a key here; did you mean verify?`,
  ],
  [
    'a path beside requests',
    check('type: http, path: »/a, requests: [{ path: /b }]'),
    `${CHECK}.path: is given beside requests: give it in each of them`,
  ],
  [
    'a mistake in a request',
    check('type: http, requests: [{ path: »b }]'),
    `${CHECK}.requests[0].path: must be a path that begins with / and has no blanks, not "b"`,
  ],
  [
    'a HELO with blanks',
    check('type: smtp, helo-name: »"a b"'),
    `${CHECK}.helo-name: must be a name without blanks, of at most 255 characters, not "a b"`,
  ],
  [
    'a host of SMTP with a path',
    check('type: smtp, hosts: [{ »adress: 10.0.0.1 }]'),
    `${CHECK}.hosts[0].adress: is not a key here; did you mean address?`,
  ],
  [
    'a record that is unknown',
    check('type: dns, record-type: »a'),
    `${CHECK}.record-type: must be A, AAAA, CAA, CNAME, DNSKEY, DS, MX, NS, NSEC, PTR, RRSIG, SOA, SRV or TXT, not "a"`,
  ],
  [
    'a name that is a number',
    check('type: dns, name: »3'),
    `${CHECK}.name: must be a domain name, of at most 255 characters, not 3`,
  ],
  [
    'bytes that are none',
    check('type: udp, payload-hex: »abc'),
    `${CHECK}.payload-hex: must be bytes in hexadecimal digits, such as "00 ff 10", not "abc"`,
  ],
  [
    'two payloads',
    check('type: udp, payload: a, payload-hex: »"00"'),
    `${CHECK}.payload-hex: is given beside payload: give one of them`,
  ],
  [
    'lengths that cross',
    check('type: udp, min-reply-length: »5, max-reply-length: 4'),
    `${CHECK}.min-reply-length: 5 is above max-reply-length, 4`,
  ],
  [
    'a reply that is required by a number',
    check('type: udp, require-reply: »1'),
    `${CHECK}.require-reply: must be true or false, not 1`,
  ],
  [
    'a check of no file',
    service('checks: [»{ type: file }]'),
    `${CHECK}.path: is missing: it must be the name of a file`,
  ],
  [
    'a factor too high',
    check('type: file, path: /a, factor: »255'),
    `${CHECK}.factor: must be a whole number from -254 to 254, not 255`,
  ],
  [
    'a quote that is open',
    check(`type: misc, command: »"a 'b"`),
    `${CHECK}.command: ${COMMAND}, with every quote closed, not "a 'b"`,
  ],
  [
    'a command of nothing',
    check('type: misc, command: »[]'),
    `${CHECK}.command: ${COMMAND}, with every quote closed, not a list`,
  ],
  ['a command that is a number', check('type: misc, command: »3'), `${CHECK}.command: ${COMMAND}, not 3`],
  [
    'a mistyped key of a command',
    check('type: misc, command: { command: a, »usr: b }'),
    `${CHECK}.command.usr: is not a key here; did you mean user?`,
  ],
  [
    'a dynamic that is none',
    check('type: misc, command: a, dynamic: »maybe'),
    `${CHECK}.dynamic: must be true or false, not "maybe"`,
  ],
  [
    'a path with an address',
    check('type: path, »address: 10.0.0.1'),
    `${CHECK}.address: is not a key here; there are type, interval, timeout, retry, retry-delay, warmup, rise, fall, alpha, log-all-failures`,
  ],
];

const services: readonly Mistake[] = [
  [
    'no quorum',
    service('quorum: »0'),
    'services[0].quorum: must be a whole number from 1 to 2147483647, not 0',
  ],
  [
    'a hysteresis as large as the quorum',
    service('quorum: 2', 'hysteresis: »2'),
    'services[0].hysteresis: must be below the quorum, 2, not 2',
  ],
  [
    'a hysteresis without a quorum',
    service('hysteresis: »1'),
    'services[0].hysteresis: must be below the quorum, 1, not 1',
  ],
  ['an omega that is none', service('omega: »x'), 'services[0].omega: must be true or false, not "x"'],
  [
    'connections that stay',
    service('connections-on-failure: »keep'),
    'services[0].connections-on-failure: must be purge or leave, not "keep"',
  ],
  [
    'a start that is slow',
    destination('slow-start: »slow'),
    `services[0].destinations[0].slow-start: ${DURATION}, not "slow"`,
  ],
  [
    'an inhibition that is none',
    destination('inhibit-on-failure: »1'),
    'services[0].destinations[0].inhibit-on-failure: must be true or false, not 1',
  ],
  [
    'a mistyped notification',
    destination('notify: { »upp: a }'),
    'services[0].destinations[0].notify.upp: is not a key here; did you mean up?',
  ],
  [
    'a notification of a service',
    service('notify: { »quorumup: a }'),
    'services[0].notify.quorumup: is not a key here; did you mean quorum-up?',
  ],
  [
    'a sorry server of another family',
    service('sorry-server: { address: »"[::1]:80" }'),
    'services[0].sorry-server.address: is IPv6 behind an IPv4 service, which needs method: tunnel',
  ],
  [
    'a sorry server that is a destination',
    service('destinations: [{ address: 127.0.0.1:81 }]', 'sorry-server: { address: »127.0.0.1:81 }'),
    'services[0].sorry-server.address: 127.0.0.1:81 is already given in line 3',
  ],
  [
    'a sorry server with checks',
    service('sorry-server: { address: 127.0.0.1:81, »checks: [] }'),
    'services[0].sorry-server.checks: is not a key here; there are address, method, weight, upper-threshold, lower-threshold, tunnel, proxy-protocol, inhibit',
  ],
  [
    'a range that is empty',
    'services: [{ service: »tcp 127.0.0.9-1:80 }]',
    'services[0].service: must be a protocol, an address and a port, such as "tcp 192.0.2.10:80" or "udp [2001:db8::10]:53", or "fwmark 3 inet6", not "tcp 127.0.0.9-1:80"',
  ],
  [
    'a list with a mistake',
    'services: [{ service: [tcp 127.0.0.1:80, »x] }]',
    'services[0].service[1]: must be a protocol, an address and a port, such as "tcp 192.0.2.10:80" or "udp [2001:db8::10]:53", or "fwmark 3 inet6", not "x"',
  ],
  [
    'ranges that overlap',
    'services:\n- service: tcp 127.0.0.1-3:80\n- service: [tcp 127.0.0.9:80, »tcp 127.0.0.3:80]',
    'services[1].service[1]: tcp 127.0.0.3:80 is already given in line 2',
  ],
  [
    'a group that is missing',
    `groups: { web: [] }\n${service('group: »wab')}`,
    'services[0].group: there is no group "wab"; did you mean web?',
  ],
  [
    'a group where there are none',
    service('group: [»web]'),
    'services[0].group[0]: there is no group "web"; the file has no groups',
  ],
  [
    'a mistake in a group, once',
    'groups:\n  a: [{ address: »"[::1]:80" }]\nservices:\n- { service: tcp 127.0.0.1-3:80, group: a }',
    'groups.a[0].address: is IPv6 behind an IPv4 service, which needs method: tunnel',
  ],
  [
    'a destination of a group given again',
    'groups:\n  a: [{ address: 127.0.0.1:80 }]\nservices:\n- { service: tcp 127.0.0.1:80, group: a, destinations: [{ address: »127.0.0.1:80 }] }',
    'services[0].destinations[0].address: 127.0.0.1:80 is already given in line 2',
  ],
  [
    'a check of a destination of a group',
    'groups:\n  a: [{ address: 127.0.0.1:80, checks: [»b-x] }]',
    'groups.a[0].checks[0]: there is no check "b-x"; there are tcp, http, smtp, dns, udp, ping, path',
  ],
];

const director: readonly Mistake[] = [
  [
    'an API for all without a token',
    'api: { listen: »0.0.0.0:80 }',
    'api.listen: 0.0.0.0 is not a loopback address, which needs a token-file',
  ],
  [
    'an API on port 0',
    'api: { listen: »127.0.0.1:0 }',
    'api.listen: must be an address of this host and a port, such as 127.0.0.1:8080, not "127.0.0.1:0"',
  ],
  [
    'an API without an address',
    'api: »{ token-file: /a }',
    'api.listen: is missing: it must be an address of this host and a port, such as 127.0.0.1:8080',
  ],
  [
    'a certificate without its key',
    'api: { listen: 127.0.0.1:80, tls: »{ certificate: /a } }',
    'api.tls.key: is missing: it must be the name of a PEM file',
  ],
  [
    'a level that is none',
    'logging: { level: »loud }',
    'logging.level: must be trace, debug, info, warn, error, fatal or silent, not "loud"',
  ],
  ['a format that is none', 'logging: { format: »xml }', 'logging.format: must be text or json, not "xml"'],
  [
    'a pipe given twice',
    'notify:\n  fifos: [{ path: /a }, { path: »/a }]',
    'notify.fifos[1].path: /a is already given in line 2',
  ],
  [
    'a reader that is a number',
    'notify: { fifos: [{ path: /a, reader: »3 }] }',
    `notify.fifos[0].reader: ${COMMAND}, not 3`,
  ],
];

testMistakes([...timing, ...endpoint, ...kinds, ...services, ...director]);
