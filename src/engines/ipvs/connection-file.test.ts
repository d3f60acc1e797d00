import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import {
  PROC_CONNECTIONS,
  PROC_SYNCHRONISED_CONNECTIONS,
} from '../../../test/vectors/proc-net-connections.ts';
import type { ConnectionEntry } from '../../model/connection.ts';
import { parseConnection, parseSynchronisedConnection } from './connection-entry.ts';
import { readConnections, readSynchronisedConnections } from './connection-file.ts';

const V4 = { clientAddress: '10.1.0.2', virtualAddress: '192.0.2.10' };
const V6 = {
  virtualAddress: '2001:db8::10',
  destinationAddress: 'fd02::13',
  virtualPort: 80,
  destinationPort: 80,
};

const EXPECTED = [
  {
    ...V4,
    protocol: 'tcp',
    clientPort: 40003,
    virtualPort: 80,
    destinationAddress: '10.2.0.11',
    destinationPort: 80,
    state: 'ESTABLISHED',
    expiresIn: 894,
  },
  {
    ...V4,
    protocol: 'udp',
    clientPort: 5001,
    virtualPort: 53,
    destinationAddress: '10.2.0.13',
    destinationPort: 53,
    state: 'UDP',
    expiresIn: 267,
  },
  { ...V6, protocol: 'tcp', clientAddress: 'fd01::2', clientPort: 37136, state: 'TIME_WAIT', expiresIn: 115 },
  { ...V6, protocol: 'tcp', clientAddress: 'fd01::', clientPort: 0, state: 'ASSURED', expiresIn: 95 },
  {
    protocol: 'ip',
    clientAddress: '10.1.0.2',
    clientPort: 0,
    virtualAddress: { fwmark: 6 },
    virtualPort: 0,
    destinationAddress: '10.2.0.13',
    destinationPort: 0,
    state: 'ASSURED',
    expiresIn: 99,
  },
  {
    ...V4,
    protocol: 'udp',
    clientPort: 0,
    virtualPort: 5060,
    destinationAddress: '10.2.0.12',
    destinationPort: 5060,
    state: 'ASSURED',
    expiresIn: 59,
    persistenceEngine: 'sip',
    persistenceData: 'call-2@test',
  },
  {
    ...V4,
    protocol: 'tcp',
    clientPort: 0,
    virtualPort: 35389,
    destinationAddress: '10.2.0.11',
    destinationPort: 35389,
    state: 'LISTEN',
    expiresIn: 118,
  },
];

describe('the connections of /proc/net', () => {
  test('as a kernel listed them', async (t) => {
    const directory = procWith(t, PROC_CONNECTIONS, PROC_SYNCHRONISED_CONNECTIONS);
    assert.deepEqual(await Array.fromAsync(readConnections(directory)), [EXPECTED]);
    assert.deepEqual(await Array.fromAsync(readSynchronisedConnections(directory)), [
      [
        {
          ...V4,
          protocol: 'tcp',
          clientPort: 51270,
          virtualPort: 80,
          destinationAddress: '10.2.0.12',
          destinationPort: 80,
          state: 'TIME_WAIT',
          expiresIn: 112,
          origin: 'local',
        },
        {
          ...V6,
          protocol: 'tcp',
          clientAddress: 'fd01::2',
          clientPort: 41003,
          destinationAddress: 'fd02::11',
          state: 'ESTABLISHED',
          expiresIn: 892,
          origin: 'sync',
        },
      ],
    ]);
  });

  test('an empty table has no page', async (t) => {
    const [title] = PROC_CONNECTIONS.split('\n');
    const directory = procWith(t, `${title}\n`, '');
    assert.deepEqual(await Array.fromAsync(readConnections(directory)), []);
    assert.deepEqual(await Array.fromAsync(readSynchronisedConnections(directory)), []);
  });

  test('a large table comes in pages of bounded size, whole and in order', async (t) => {
    const lines = Array.from({ length: 40_000 }, (_, n) => {
      const port = (n & 0xffff).toString(16).toUpperCase().padStart(4, '0');
      return `TCP 0A010002 ${port} C000020A 0050 0A02000B 0050 ESTABLISHED     ${100 + (n % 800)}`;
    });
    const directory = procWith(t, `Pro\n${lines.join('\n')}\n`, '');
    const ports: number[] = [];
    for await (const page of readConnections(directory)) {
      assert.ok(page.length < 2000, `a page of ${page.length}`);
      ports.push(...page.map(({ clientPort }) => clientPort));
    }
    assert.deepEqual(
      ports,
      Array.from(lines, (_, n) => n & 0xffff),
    );
  });

  test('who stops early leaves no file open', async (t) => {
    const line = 'TCP 0A010002 9C43 C000020A 0050 0A02000B 0050 ESTABLISHED     894\n';
    const directory = procWith(t, `Pro\n${line.repeat(5000)}`, '');
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    for await (const page of readConnections(directory)) {
      assert.ok(page.length >= 512);
      break;
    }
    assert.equal(open(), before);
  });

  test('where there is no table', async () => {
    await assert.rejects(Array.fromAsync(readConnections('/nonexistent')), {
      name: 'ViprError',
      code: 'ENGINE_UNAVAILABLE',
      errno: 'ENOENT',
    });
  });

  test('the mark of a template stands in the first 32 bits of an IPv6 address', () => {
    const line =
      'IP  fd01:0000:0000:0000:0000:0000:0000:0002 0000 ffff:ffff:0000:0000:0000:0000:0000:0000 0000 fd02:0000:0000:0000:0000:0000:0000:0013 0000 NONE             9';
    assert.deepEqual(parseConnection(line)?.virtualAddress, { fwmark: 0xffffffff });
  });

  test('data of clients may hold blanks', () => {
    const line = 'UDP 0A010002 0000 C000020A 13C4 0A02000C 13C4 ASSURED          59 sip a b  c ';
    assert.equal(parseConnection(line)?.persistenceData, 'a b  c ');
  });

  test('what is no entry is passed over', () => {
    const lines = [
      '',
      'Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData',
      'ESP 0A010002 9C43 C000020A 0050 0A02000B 0050 NONE     894',
      'TCP 0A01000 9C43 C000020A 0050 0A02000B 0050 ESTABLISHED     894',
      'TCP 0A010002 9C43 C000020A 0050 0A02000B 0050 ESTABLISHED',
      'TCP fd01:0000:0000 9C43 C000020A 0050 0A02000B 0050 ESTABLISHED     894',
      'constructor 0A010002 9C43 C000020A 0050 0A02000B 0050 ESTABLISHED     894',
    ];
    for (const line of lines) {
      assert.equal(parseConnection(line), undefined, line);
      assert.equal(parseSynchronisedConnection(line), undefined, line);
    }
  });

  test('any line is an entry or none', () => {
    const field = fc.stringMatching(/^[0-9A-Fa-f:]{0,39}$/);
    const line = fc.array(fc.oneof(field, fc.constantFrom('TCP', 'IP', 'UDP', '59', 'sip')), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        fc.oneof(
          line.map((fields) => fields.join(' ')),
          fc.string(),
        ),
        (text) => {
          const entry: ConnectionEntry | undefined = parseConnection(text);
          if (entry !== undefined) assert.ok(Number.isInteger(entry.expiresIn) && entry.expiresIn >= 0);
          parseSynchronisedConnection(text);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

function procWith(t: TestContext, connections: string, synchronised: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'vipr-proc-'));
  t.after(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'ip_vs_conn'), connections);
  writeFileSync(join(directory, 'ip_vs_conn_sync'), synchronised);
  return directory;
}
