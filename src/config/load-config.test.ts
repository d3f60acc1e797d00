import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadConfig, parseConfig } from './load-config.ts';

const EVERYTHING = `
engine: relay # the usual
workers: 2
timeouts: { tcp: 600, udp: 30 }
services:
  - service: tcp 127.0.0.1:8080
    scheduler: sh
    flags: [sh-port, sh-fallback]
    persistence: { timeout: 600, netmask: 255.255.255.0 }
    destinations:
      - { address: 127.0.0.1:9001, weight: 3, upper-threshold: 20, lower-threshold: 10, proxy-protocol: v2 }
      - { address: "127.0.0.1:9002", method: masquerade }
  - service: udp [2001:db8::10]:53
    one-packet: true
    persistence: true
    destinations:
      - address: "[2001:db8::11]:53"
        method: tunnel
        tunnel: { type: gue, port: 6080, checksum: remote }
  - service: fwmark 3 inet6
    persistence: { netmask: 64, engine: sip }
  - service: fwmark 3
    persistence: false
    destinations:
`;

test('a file with everything becomes the table that it describes', () => {
  const { engine, workers, table } = parseConfig(EVERYTHING, 'vipr.yaml');
  assert.deepEqual([engine, workers], ['relay', 2]);
  const flags = { flag1: false, flag2: false, flag3: false };
  const tunnel = { type: 'ipip', port: 0, checksum: 'none' };
  const masquerade = { forwarding: 'masquerade', weight: 1, upperThreshold: 0, lowerThreshold: 0, tunnel };
  assert.deepEqual(table, {
    timeouts: { tcp: 600, tcpfin: 0, udp: 30 },
    services: [
      {
        id: { kind: 'address', protocol: 'tcp', address: '127.0.0.1', port: 8080 },
        scheduler: 'sh',
        schedulerFlags: { flag1: true, flag2: true, flag3: false },
        persistenceTimeout: 600,
        persistenceNetmask: '255.255.255.0',
        onePacket: false,
        // The newest first, as if they had been added in the order of the file.
        destinations: [
          { ...masquerade, address: '127.0.0.1', port: 9002 },
          {
            ...masquerade,
            address: '127.0.0.1',
            port: 9001,
            weight: 3,
            upperThreshold: 20,
            lowerThreshold: 10,
            proxyProtocol: 'v2',
          },
        ],
      },
      {
        id: { kind: 'address', protocol: 'udp', address: '2001:db8::10', port: 53 },
        scheduler: 'wlc',
        schedulerFlags: flags,
        persistenceTimeout: 300,
        persistenceNetmask: 128,
        onePacket: true,
        destinations: [
          {
            ...masquerade,
            address: '2001:db8::11',
            port: 53,
            forwarding: 'tunnel',
            tunnel: { type: 'gue', port: 6080, checksum: 'remote' },
          },
        ],
      },
      {
        id: { kind: 'fwmark', fwmark: 3, family: 'inet6' },
        scheduler: 'wlc',
        schedulerFlags: flags,
        persistenceTimeout: 300,
        persistenceNetmask: 64,
        persistenceEngine: 'sip',
        onePacket: false,
        destinations: [],
      },
      {
        id: { kind: 'fwmark', fwmark: 3, family: 'inet' },
        scheduler: 'wlc',
        schedulerFlags: flags,
        persistenceNetmask: '255.255.255.255',
        onePacket: false,
        destinations: [],
      },
    ],
  });
});

for (const text of ['', '# nothing\n', '{}', 'services:\n', 'services: []\ntimeouts:\n']) {
  test(`${JSON.stringify(text)} is a table without services`, () => {
    const { engine, workers, table } = parseConfig(text, 'vipr.yaml');
    assert.deepEqual([engine, workers, table.services], ['auto', undefined, []]);
    assert.deepEqual(table.timeouts, { tcp: 0, tcpfin: 0, udp: 0 });
  });
}

test('aliases stand for what they name', () => {
  const text = `
services:
  - service: tcp 127.0.0.1:80
    destinations: &servers [{ address: 127.0.0.1:81 }, { address: 127.0.0.1:82, weight: 5 }]
  - service: tcp 127.0.0.2:80
    destinations: *servers
`;
  const [first, second] = parseConfig(text, 'vipr.yaml').table.services;
  assert.equal(first?.destinations.length, 2);
  assert.deepEqual(first?.destinations, second?.destinations);
});

test('a file is read from the disk, and one that cannot be is told', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'vipr-config-'));
  try {
    const file = join(directory, 'vipr.yaml');
    writeFileSync(file, EVERYTHING);
    assert.equal((await loadConfig(file)).table.services.length, 4);
    await assert.rejects(loadConfig(join(directory, 'none.yaml')), {
      code: 'CONFIG_UNREADABLE',
      errno: 'ENOENT',
    });
    await assert.rejects(loadConfig(directory), { code: 'CONFIG_UNREADABLE', errno: 'EISDIR' });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('an empty file is one that is being written, and none without services', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'vipr-config-'));
  t.after(() => rmSync(directory, { recursive: true }));
  for (const [name, text] of [
    ['vipr.yaml', ''],
    ['vipr.yaml', ' \n\n'],
    ['keepalived.conf', ''],
  ] as const) {
    const file = join(directory, name);
    writeFileSync(file, text);
    await assert.rejects(loadConfig(file), { code: 'CONFIG_INVALID', message: /:1:1: the file is empty/ });
  }
  const file = join(directory, 'vipr.yaml');
  writeFileSync(file, 'services: []\n');
  assert.deepEqual((await loadConfig(file)).table.services, []);
});
