import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceKey } from '../model/service.ts';
import { parseConfig } from './load-config.ts';

const key = (text: string) => text as ServiceKey;
const DEFAULTS = {
  interval: 10_000,
  timeout: 5000,
  retry: 1,
  retryDelay: 1000,
  warmup: 10_000,
  rise: 1,
  fall: 1,
  alpha: false,
  logAllFailures: false,
};
const TCP = { probe: { kind: 'tcp' }, endpoint: {}, timing: DEFAULTS };
const DESTINATION = {
  checks: [],
  inhibitOnFailure: false,
  connectionsOnFailure: 'purge',
  slowStart: 0,
};

/** The only service's destinations, how they are watched. */
function destinationsOf(...lines: string[]): unknown[] {
  const text = ['services:', '- service: tcp 127.0.0.1:80', ...lines.map((line) => `  ${line}`)].join('\n');
  const { monitoring } = parseConfig(text, 'f');
  return [...(monitoring.get(key('tcp 127.0.0.1:80'))?.destinations.values() ?? assert.fail())];
}

function checkOf(fields: string, before = ''): unknown {
  const text = `${before}\nservices: [{ service: tcp 127.0.0.1:80, checks: [${fields}], destinations: [{ address: 127.0.0.1:81 }] }]`;
  const [service] = parseConfig(text, 'f').monitoring.values();
  const [destination] = service?.destinations.values() ?? [];
  return destination?.checks[0];
}

test('a service that the file says nothing of is not watched, and one with any key of watching is', () => {
  const destination = 'destinations: [{ address: 127.0.0.1:81 }]';
  const watched = (text: string) =>
    parseConfig(`services: [{ service: tcp 127.0.0.1:80, ${text} }]`, 'f').monitoring.size === 1;
  assert.equal(watched(destination), false);
  assert.equal(watched(`${destination}, quorum: 1`), true);
  assert.equal(watched('destinations: [{ address: 127.0.0.1:81, slow-start: 1s }]'), true);
  assert.equal(watched('sorry-server: { address: 127.0.0.1:81 }'), true);
});

test("a service's checks are for the destinations that have none of their own", () => {
  const found = destinationsOf(
    'checks: [tcp]',
    'inhibit-on-failure: true',
    'slow-start: 5s',
    'connections-on-failure: leave',
    'destinations:',
    '- address: 127.0.0.1:81',
    '- { address: 127.0.0.1:82, checks: [] }',
    '- { address: 127.0.0.1:83, checks: [{ type: ping }], inhibit-on-failure: false, slow-start: 0, connections-on-failure: purge }',
  );
  const shared = { inhibitOnFailure: true, connectionsOnFailure: 'leave', slowStart: 5000 };
  assert.deepEqual(found, [
    { ...shared, checks: [TCP] },
    { ...shared, checks: [] },
    { ...DESTINATION, checks: [{ ...TCP, probe: { kind: 'ping' } }] },
  ]);
});

test('everything of a service and its destinations is read', () => {
  const text = `
services:
  - service: tcp 127.0.0.1:80
    quorum: 3
    hysteresis: 1
    alpha: true
    omega: true
    sorry-server: { address: 127.0.0.9:80, weight: 2, inhibit: true }
    notify: { quorum-up: a 'b c', quorum-down: { command: [d, ""], user: u, group: g, timeout: 2s } }
    destinations:
      - { address: 127.0.0.1:81, notify: { up: e, down: [f] } }
`;
  const [service] = parseConfig(text, 'f').monitoring.values();
  const tunnel = { type: 'ipip', port: 0, checksum: 'none' };
  assert.deepEqual(service, {
    quorum: 3,
    hysteresis: 1,
    alpha: true,
    omega: true,
    quorumUp: { argv: ['a', 'b c'] },
    quorumDown: { argv: ['d', ''], user: 'u', group: 'g', timeout: 2000 },
    sorryServer: {
      destination: {
        address: '127.0.0.9',
        port: 80,
        forwarding: 'masquerade',
        weight: 2,
        upperThreshold: 0,
        lowerThreshold: 0,
        tunnel,
      },
      inhibit: true,
    },
    destinations: new Map([
      ['127.0.0.1:81', { ...DESTINATION, notifyUp: { argv: ['e'] }, notifyDown: { argv: ['f'] } }],
    ]),
  });
});

test('types have defaults of their own, and the file others', () => {
  const timing = { ...DEFAULTS, retry: 0 };
  const misc = { kind: 'misc', command: { argv: ['a'] }, dynamic: false };
  assert.deepEqual(checkOf('{ type: misc, command: a }'), { probe: misc, endpoint: {}, timing });
  const dns = { kind: 'dns', type: 'SOA', name: '.' };
  assert.deepEqual(checkOf('dns'), { probe: dns, endpoint: {}, timing: { ...DEFAULTS, retry: 3 } });
  const before = 'check-defaults: { interval: 2s, retry: 5, alpha: true }';
  assert.deepEqual(checkOf('{ type: tcp, retry: 0 }', before), {
    ...TCP,
    timing: { ...DEFAULTS, interval: 2000, warmup: 2000, retry: 0, alpha: true },
  });
});

test('every type is read with its fields', () => {
  const probeOf = (fields: string) => (checkOf(`{ ${fields} }`) as { probe: unknown }).probe;
  const request = { path: '/', method: 'GET', status: [] };
  assert.deepEqual(probeOf('type: http'), { kind: 'http', version: '1.1', requests: [request] });
  assert.deepEqual(
    probeOf(
      'type: http, version: 1.0, tls: true, virtual-host: www.example.org, path: /a, method: HEAD, status: [404, 200-299], body: a.b',
    ),
    {
      kind: 'http',
      version: '1.0',
      tls: { serverName: 'www.example.org', verify: true },
      requests: [
        {
          path: '/a',
          method: 'HEAD',
          virtualHost: 'www.example.org',
          status: [
            [404, 404],
            [200, 299],
          ],
          body: { pattern: /a.b/, absent: false },
        },
      ],
    },
  );
  assert.deepEqual(
    probeOf(
      'type: http, tls: { verify: false, certificate-authority: /ca }, requests: [{ path: /a, digest: "MD5:D41D8CD98F00B204E9800998ECF8427E" }, { virtual-host: b, body: { pattern: x, flags: i, absent: true, min-offset: 1, max-offset: 2 } }]',
    ),
    {
      kind: 'http',
      version: '1.1',
      tls: { verify: false, certificateAuthority: '/ca' },
      requests: [
        { ...request, path: '/a', digest: { algorithm: 'md5', value: 'd41d8cd98f00b204e9800998ecf8427e' } },
        { ...request, virtualHost: 'b', body: { pattern: /x/i, absent: true, minOffset: 1, maxOffset: 2 } },
      ],
    },
  );
  assert.deepEqual(probeOf('type: smtp, hosts: [{ address: 10.0.0.1, port: 26 }]'), {
    kind: 'smtp',
    heloName: 'localhost',
    endpoints: [{ address: '10.0.0.1', port: 26 }],
  });
  assert.deepEqual(probeOf('type: udp, payload: ä, require-reply: true'), {
    kind: 'udp',
    payload: Uint8Array.of(0xc3, 0xa4),
    requireReply: true,
    minReplyLength: 0,
    maxReplyLength: 65_535,
  });
  assert.deepEqual(probeOf('type: udp, payload-hex: "00 ff", min-reply-length: 1, max-reply-length: 2'), {
    kind: 'udp',
    payload: Uint8Array.of(0, 255),
    requireReply: false,
    minReplyLength: 1,
    maxReplyLength: 2,
  });
  assert.deepEqual(probeOf('type: file, path: /f'), { kind: 'file', path: '/f', factor: 1 });
  assert.deepEqual(probeOf('type: path'), { kind: 'path' });
});

test('where a check connects is read', () => {
  const fields =
    'type: tcp, address: "2001:db8::1", port: 1, source-address: 10.0.0.1, source-port: 2, interface: eth0, mark: 3';
  assert.deepEqual(checkOf(`{ ${fields} }`), {
    ...TCP,
    endpoint: {
      address: '2001:db8::1',
      port: 1,
      sourceAddress: '10.0.0.1',
      sourcePort: 2,
      interface: 'eth0',
      mark: 3,
    },
  });
});

test('a check that is written once is one check, however many destinations use it', () => {
  const text = `
checks: { web: { type: http } }
groups: { all: [{ address: 10.0.0.1:80 }, { address: 10.0.0.2:80, checks: [web] }] }
services:
  - { service: tcp 192.0.2.1-2:80, group: all, checks: [web] }
  - { service: tcp 192.0.2.9:80, group: [all], destinations: [{ address: 10.0.0.3:80 }] }
`;
  const { table, monitoring, source } = parseConfig(text, 'f');
  assert.deepEqual(
    table.services.map(({ destinations }) => destinations.map(({ address }) => address)),
    [
      ['10.0.0.2', '10.0.0.1'],
      ['10.0.0.2', '10.0.0.1'],
      ['10.0.0.3', '10.0.0.2', '10.0.0.1'],
    ],
  );
  const checks = [...monitoring.values()].flatMap(({ destinations }) =>
    [...destinations.values()].flatMap((destination) => destination.checks),
  );
  assert.equal(checks.length, 5);
  assert.equal(new Set(checks).size, 1);
  const placeOf = (...path: readonly (string | number)[]) => {
    const { line, column, path: written } = source.problem(path, 'x');
    return `${line}:${column} ${written}`;
  };
  assert.equal(placeOf('services', 1, 'service'), '5:16 services[0].service');
  assert.equal(placeOf('services', 2, 'destinations', 0, 'address'), '3:28 groups.all[0].address');
  assert.equal(
    placeOf('services', 2, 'destinations', 2, 'address'),
    '6:74 services[1].destinations[0].address',
  );
});

test('API, log and pipes are read', () => {
  const text = `
api: { listen: "[::]:8443", token-file: /t, tls: { certificate: /c, key: /k } }
logging: { level: debug, format: json }
notify: { fifos: [{ path: /f, reader: r x }, { path: /g }] }
`;
  const { api, logging, notify } = parseConfig(text, 'f');
  const tls = { certificate: '/c', key: '/k' };
  assert.deepEqual(api, { address: '::', port: 8443, tokenFile: '/t', tls });
  assert.deepEqual(logging, { level: 'debug', format: 'json' });
  assert.deepEqual(notify, { fifos: [{ path: '/f', reader: { argv: ['r', 'x'] } }, { path: '/g' }] });
  for (const listen of ['127.9.9.9:1', '"[::1]:1"', '"[::ffff:127.0.0.1]:1"']) {
    assert.ok(parseConfig(`api: { listen: ${listen} }`, 'f').api !== undefined);
  }
});
