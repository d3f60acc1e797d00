import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeDnsAnswer, encodeDnsQuery } from '../../src/health/dns/dns-exchange.ts';
import { readPathAnswer, type SentSegment } from '../../src/health/path/path-answer.ts';
import { decodeEcho } from '../../src/health/ping/echo-message.ts';

/** Bytes that begin as something that is read, and go on as they like. */
function startingWith(...starts: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const start = fc
    .tuple(fc.constantFrom(...starts), fc.nat(64))
    .map(([bytes, cut]) => bytes.subarray(0, cut));
  return fc.tuple(start, fc.uint8Array({ maxLength: 100 })).map((parts) => Buffer.concat(parts));
}

test('any bytes are an answer to a DNS query, or none', () => {
  const query = encodeDnsQuery({ type: 'A', name: 'example.org' }, 0x1234);
  assert.ok(typeof query !== 'string');
  const answer = Uint8Array.from(query.bytes);
  answer[2] = 0x80;
  fc.assert(
    fc.property(startingWith(answer), (bytes) => {
      const { kind } = decodeDnsAnswer(bytes, query);
      assert.ok(kind === 'answer' || kind === 'other');
    }),
  );
});

test('any bytes are an ICMP echo, or none', () => {
  fc.assert(
    fc.property(startingWith(Uint8Array.of(0, 0, 1, 2, 3, 4, 5, 6)), (bytes) => {
      const echo = decodeEcho(bytes, 0);
      if (echo !== undefined) assert.equal(echo.data.length, bytes.length - 8);
    }),
  );
});

test('any bytes are an answer to the SYN of a path check, or none', () => {
  const ipv4 = Buffer.from('4500003c00004000400600000a00000b0a0000010050', 'hex');
  const error = Buffer.from('4500003c00004000400100000a00000b0a0000010301000000000000' + '45000028', 'hex');
  const ipv6 = Buffer.concat([Buffer.from('600000000028063a', 'hex'), Buffer.alloc(32), Buffer.from('0050')]);
  const sent: SentSegment = {
    source: Uint8Array.of(10, 0, 0, 1),
    destination: Uint8Array.of(10, 0, 0, 11),
    sourcePort: 40_000,
    destinationPort: 80,
    sequence: 7,
    outer: { destination: Uint8Array.of(10, 0, 0, 11), protocol: 17 },
  };
  fc.assert(
    fc.property(startingWith(ipv4, error, ipv6), (bytes) => {
      const answer = readPathAnswer(bytes, sent);
      assert.notEqual(answer?.kind, 'accepted');
    }),
  );
});
