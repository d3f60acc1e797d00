import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfigInvalidError } from './config-problem.ts';
import { parseConfig } from './load-config.ts';

const VALID = `engine: relay
workers: 2
include: none-such-*.yaml
timeouts: { tcp: 900, tcpfin: 120, udp: 300 }
logging: { level: info, format: json }
api: { listen: 127.0.0.1:8080, token-file: "$\{T:-/etc/token}", tls: { certificate: /c, key: /k } }
notify: { fifos: [{ path: /run/fifo, reader: "read 'a b'" }] }
check-defaults: { interval: 5s, fall: 2 }
vrrp:
  startup-delay: 1s
  scripts: [{ name: s, command: a b, weight: -3 }]
  instances:
    - { name: a, interface: eth0, id: 1, version: 2, password: b, addresses: [192.0.2.1/24, { address: 192.0.2.2, label: c }] }
    - { name: d, interface: eth0, id: 1, interval: 100ms, addresses: ["2001:db8::1"], unicast-peers: ["::1"], source: "::2" }
    - { name: e, interface: f, id: 2, addresses: [192.0.2.3], routes: [{ via: 192.0.2.9 }], rules: [{ from: 192.0.2.3, table: 5 }], track: [{ script: s }, { interface: g, weight: 2 }], notify: { any: h } }
  groups: [{ name: i, instances: [a, d], track: [{ service: tcp 127.0.0.1:8080 }] }]
sync: [{ follow: a, interface: eth1, port: 8849, group: 224.0.0.82 }]
checks:
  web: { type: http, path: /a, status: [200-299, 404], tls: true, body: { pattern: o+k, flags: i, absent: true } }
  query: { type: dns, record-type: A, name: a.example, port: 53, source-address: 127.0.0.1, mark: 3 }
groups:
  all: [{ address: 127.0.0.1:9003, checks: [web, { type: udp, payload-hex: 00 ff }] }]
services:
  - service: tcp 127.0.0.1:8080
    scheduler: sh
    flags: [sh-port]
    persistence: { timeout: 300, netmask: 255.255.255.0 }
    group: all
    checks: [tcp, query, { type: misc, command: { command: [a, b], user: u, timeout: 500ms }, dynamic: true }]
    quorum: 2
    hysteresis: 1
    sorry-server: { address: 127.0.0.9:80, inhibit: true }
    notify: { quorum-up: a b, quorum-down: [c] }
    destinations: &servers
      - { address: 127.0.0.1:9001, weight: 1, upper-threshold: 10, lower-threshold: 5, proxy-protocol: v2 }
      - { address: 127.0.0.1:9002, weight: 0, slow-start: 1m, connections-on-failure: leave, notify: { up: x } }
  - service: udp [2001:db8::10]:53
    one-packet: true
    destinations:
      - address: "[2001:db8::11]:53"
        method: tunnel
        tunnel: { type: gue, port: 6080, checksum: remote }
  - service: [tcp 127.0.0.2-4:8080, fwmark 1-2]
    checks: [{ type: file, path: /f, factor: -1 }, { type: smtp, hosts: [{ port: 25 }] }, ping, path]
    destinations: *servers
`;

/** Either a configuration, or CONFIG_INVALID with places that are in the file. */
function assertHandled(text: string): void {
  try {
    const { table, monitoring } = parseConfig(text, 'vipr.yaml');
    assert.ok(Array.isArray(table.services));
    assert.ok(monitoring.size <= table.services.length);
  } catch (error) {
    assert.ok(error instanceof ConfigInvalidError, String((error as Error).stack));
    assert.equal(error.code, 'CONFIG_INVALID');
    assert.ok(error.problems.length > 0);
    const lines = text.split('\n');
    for (const { file, line, column, message } of error.problems) {
      assert.equal(file, 'vipr.yaml');
      assert.ok(line >= 1 && line <= lines.length, `line ${line} of ${lines.length}`);
      assert.ok(
        column >= 1 && column <= (lines[line - 1]?.length ?? 0) + 1,
        `column ${column} in line ${line}`,
      );
      assert.ok(message !== '' && !message.includes('\n'));
    }
  }
}

const token = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.string({ unit: 'binary', maxLength: 3 }),
  fc.constantFrom(
    ...[
      '{',
      '}',
      '[',
      ']',
      ':',
      ': ',
      '- ',
      '\n',
      '\n  ',
      '\t',
      '#',
      '&a ',
      '*a',
      '*servers',
      '!!map ',
      '!!set ',
    ],
    ...[
      '"',
      "'",
      '|',
      '>',
      '? ',
      '---\n',
      '...\n',
      '%YAML 1.1\n',
      '<<: *servers',
      '__proto__: ',
      'null',
      '~',
      '$',
      '$$',
      '$' + '{',
      '$' + '{A}',
      '$' + '{A:-1}',
    ],
    ...[
      '-1',
      '0x10',
      '1e400',
      '.nan',
      '.inf',
      'true',
      '[::1]:80',
      'fwmark 3',
      '!!binary aa',
      '\r',
      '\uFEFF',
      '\0',
    ],
  ),
);
const edit = fc.record({ at: fc.nat(VALID.length), removed: fc.nat(30), inserted: token });

test('the text that is edited is valid', () => {
  assert.equal(parseConfig(VALID, 'vipr.yaml').table.services.length, 7);
});

test('a valid file after any edits is read, or refused with places', () => {
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 5 }), (edits) => {
      let text = VALID;
      for (const { at, removed, inserted } of edits) {
        text = text.slice(0, at) + inserted + text.slice(at + removed);
      }
      assertHandled(text);
    }),
    { numRuns: 1000 },
  );
});

test('a valid file whose lines are shuffled, doubled or lost is read, or refused with places', () => {
  const lines = VALID.split('\n');
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...lines), { maxLength: 30 }), (chosen) =>
      assertHandled(chosen.join('\n')),
    ),
    { numRuns: 300 },
  );
});

test('any text is read, or refused with places', () => {
  fc.assert(
    fc.property(fc.array(token, { maxLength: 40 }), (tokens) => assertHandled(tokens.join(''))),
    { numRuns: 1000 },
  );
});

test('any values in the place of the right ones are read, or refused with places', () => {
  const value = fc.oneof(fc.jsonValue(), fc.string(), fc.double(), fc.bigInt().map(String));
  const checks = fc.oneof(
    value,
    fc.record(
      {
        type: fc.oneof(value, fc.constantFrom('tcp', 'http', 'smtp', 'dns', 'udp', 'file', 'misc')),
        path: value,
        interval: value,
        status: value,
        body: fc.oneof(value, fc.record({ pattern: value, flags: value })),
        tls: value,
        requests: fc.oneof(value, fc.array(fc.record({ path: value, digest: value }))),
        hosts: fc.oneof(value, fc.array(value)),
        command: fc.oneof(value, fc.record({ command: value, timeout: value })),
        payload: value,
      },
      { requiredKeys: ['type'] },
    ),
  );
  const config = fc.record(
    {
      engine: value,
      workers: value,
      api: fc.oneof(value, fc.record({ listen: value, tls: value })),
      logging: value,
      notify: fc.oneof(value, fc.record({ fifos: fc.array(value) })),
      'check-defaults': value,
      checks: fc.oneof(value, fc.dictionary(fc.string(), checks)),
      groups: fc.oneof(value, fc.dictionary(fc.string(), fc.oneof(value, fc.array(value)))),
      timeouts: fc.oneof(value, fc.record({ tcp: value }, { noNullPrototype: true })),
      services: fc.oneof(
        value,
        fc.array(
          fc.record(
            {
              service: fc.oneof(value, fc.constant('tcp 127.0.0.1:80'), fc.constant(['fwmark 1-9', 3])),
              scheduler: value,
              flags: fc.oneof(value, fc.array(value)),
              persistence: fc.oneof(
                value,
                fc.record({ timeout: value, netmask: value }, { requiredKeys: [] }),
              ),
              'one-packet': value,
              group: value,
              quorum: value,
              hysteresis: value,
              checks: fc.oneof(value, fc.array(checks)),
              notify: fc.oneof(value, fc.record({ 'quorum-up': value, x: value })),
              'sorry-server': fc.oneof(value, fc.record({ address: value, method: value })),
              destinations: fc.oneof(
                value,
                fc.array(fc.record({ address: value, tunnel: value, weight: value })),
              ),
            },
            { requiredKeys: [] },
          ),
        ),
      ),
    },
    { requiredKeys: [] },
  );
  // JSON is YAML.
  fc.assert(
    fc.property(config, (given) => assertHandled(JSON.stringify(given))),
    { numRuns: 500 },
  );
});

test('nesting and aliases without end are refused', () => {
  assertHandled('['.repeat(20_000));
  assertHandled(`services: ${'['.repeat(5000)}${']'.repeat(5000)}`);
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 12; level += 1) {
    const [before, name] = [String.fromCharCode(96 + level), String.fromCharCode(97 + level)];
    bomb.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(', ')}]`);
  }
  assertHandled(bomb.join('\n'));
  assert.throws(() => parseConfig(bomb.join('\n'), 'vipr.yaml'), { code: 'CONFIG_INVALID' });
});
