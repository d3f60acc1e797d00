import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import dnsPacket from 'dns-packet';
import { parseIpAddress } from '../model/address.ts';
import { asPort } from '../model/unit.ts';
import type { Verdict } from './checker.ts';
import { dnsChecker } from './dns-checker.ts';
import { sampleAttempt, sampleDestination } from './testing/sample-attempt.ts';

/** What a server sends for a query, one datagram after another. */
type Answer = (query: Buffer) => readonly Uint8Array[];

describe('dnsChecker', () => {
  const CASES: [string, Answer, Verdict][] = [
    ['records', (query) => [reply(query, 0, 2)], { good: true, detail: 'NOERROR, 2 records' }],
    ['no records', (query) => [reply(query, 0, 0)], { good: true, detail: 'NOERROR, 0 records' }],
    [
      'a truncated answer',
      (query) => [reply(query, 0x0200, 1).subarray(0, query.length + 4)],
      { good: true, detail: 'NOERROR, 1 record, truncated' },
    ],
    ['NXDOMAIN', (query) => [reply(query, 3, 0)], { good: false, detail: 'NXDOMAIN' }],
    ['SERVFAIL', (query) => [reply(query, 2, 0)], { good: false, detail: 'SERVFAIL' }],
    ['an error without a question', (query) => [headerOnly(query, 1)], { good: false, detail: 'FORMERR' }],
    ['an unknown error', (query) => [reply(query, 13, 0)], { good: false, detail: 'RCODE13' }],
    [
      'strange datagrams before it',
      (query) => [
        Buffer.from('x'),
        query,
        changed(reply(query, 3, 0), 0),
        changed(reply(query, 3, 0), 14),
        headerOnly(query, 0),
        upperCase(reply(query, 0, 1)),
      ],
      { good: true, detail: 'NOERROR, 1 record' },
    ],
  ];
  for (const [what, answer, verdict] of CASES) {
    it(`judges ${what}`, async () => assert.deepEqual(await ask(answer), verdict));
  }

  it('is bad when only other datagrams come', async () => {
    assert.deepEqual(await ask((query) => [query], { timeout: 200 }), {
      good: false,
      detail: 'no answer to this query, but other datagrams',
    });
  });

  it('is bad without an answer', async () => {
    assert.deepEqual(await ask(() => [], { timeout: 100 }), { good: false, detail: 'no answer' });
  });

  it('is bad where the port is closed', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    socket.close();
    assert.deepEqual(await check('example.org', 'A', port), { good: false, detail: 'port unreachable' });
  });

  it('asks for the root, for any type by its number, and once for a name', async () => {
    const questions: unknown[] = [];
    const listen: Answer = (query) => {
      questions.push(...(dnsPacket.decode(query).questions ?? []));
      return [reply(query, 0, 0)];
    };
    await ask(listen, { name: '.', type: 'SOA' });
    await ask(listen, { name: 'example.org.', type: 'TYPE65' });
    assert.deepEqual(questions, [
      { name: '.', type: 'SOA', class: 'IN' },
      { name: 'example.org', type: 'UNKNOWN_65', class: 'IN' },
    ]);
  });

  it('tells what cannot be asked for', async () => {
    assert.match((await check('example.org', 'NOPE', 53)).detail, /^NOPE is no type/);
    assert.match((await check('a..b', 'A', 53)).detail, /a part of it is empty$/);
    assert.match((await check('a'.repeat(64), 'A', 53)).detail, /more than 63 bytes$/);
    assert.match((await check('abc.'.repeat(70), 'A', 53)).detail, /too long$/);
  });

  it('is described by server and question', () => {
    const attempt = sampleAttempt({ kind: 'dns', name: 'example.org', type: 'A' } as const);
    assert.equal(dnsChecker.describe(attempt), 'dns 127.0.0.1:80 example.org A');
  });
});

async function ask(
  answer: Answer,
  {
    name = 'example.org',
    type = 'A',
    timeout = 10_000,
  }: { name?: string; type?: string; timeout?: number } = {},
): Promise<Verdict> {
  const server = createSocket('udp4').bind(0, '127.0.0.1');
  await once(server, 'listening');
  server.on('message', (query, { port, address }) => {
    for (const datagram of answer(query)) server.send(datagram, port, address);
  });
  try {
    return await check(name, type, server.address().port, timeout);
  } finally {
    server.close();
  }
}

function check(name: string, type: string, port: number, timeout = 10_000): Promise<Verdict> {
  const address = parseIpAddress('127.0.0.1');
  const number = asPort(port);
  assert.ok(address !== undefined && number !== undefined);
  const destination = sampleDestination({ address, port: number });
  const signal = AbortSignal.timeout(timeout);
  return dnsChecker.check(sampleAttempt({ kind: 'dns', name, type }, { destination, signal }));
}

function reply(query: Buffer, flags: number, records: number): Buffer {
  const { id, questions } = dnsPacket.decode(query);
  const answers = Array.from({ length: records }, () => ({
    type: 'A' as const,
    name: 'example.org',
    data: '192.0.2.1',
  }));
  return dnsPacket.encode({
    type: 'response',
    ...(id === undefined ? {} : { id }),
    flags,
    ...(questions && { questions }),
    answers,
  });
}

function headerOnly(query: Buffer, rcode: number): Buffer {
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(0x8000 | rcode, 2);
  header.writeUInt16BE(0, 4);
  return header;
}

function changed(message: Buffer, at: number): Buffer {
  const copy = Buffer.from(message);
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return copy;
}

function upperCase(message: Buffer): Buffer {
  return Buffer.from(message.toString('latin1').replace('example', 'EXAMPLE'), 'latin1');
}
