import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { HttpRequest } from '../../model/check.ts';
import { overhear } from '../testing/overhear.ts';
import { HttpTalk } from './http-talk.ts';

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const sha256 = (text: string) => createHash('sha256').update(text, 'latin1').digest('hex');

describe('HttpTalk', () => {
  const CASES: readonly {
    readonly title: string;
    readonly wants?: Partial<HttpRequest>;
    readonly hears: string;
    readonly stays?: boolean;
    readonly good?: string;
    readonly bad?: string;
  }[] = [
    {
      title: 'a length',
      hears: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
      stays: true,
      good: 'HTTP 200',
    },
    { title: 'no body', hears: 'HTTP/1.1 204 \r\n\r\n', stays: true, good: 'HTTP 204' },
    { title: 'a status line without a reason', hears: 'HTTP/1.0 200\n\n', good: 'HTTP 200' },
    { title: 'a body until the close', hears: 'HTTP/1.0 200 OK\r\n\r\nbody', good: 'HTTP 200' },
    {
      title: 'chunks',
      hears: `${CHUNKED}3;x="y"\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n`,
      stays: true,
      good: 'HTTP 200',
    },
    {
      title: 'chunks with trailers',
      hears: `${CHUNKED}0\r\nA: b\r\nC: d\r\n\r\n`,
      stays: true,
      good: 'HTTP 200',
    },
    {
      title: 'HEAD',
      wants: { method: 'HEAD' },
      hears: 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n',
      stays: true,
      good: 'HTTP 200',
    },
    {
      title: 'a 304',
      wants: { status: [[304, 304]] },
      hears: 'HTTP/1.1 304 x\r\nContent-Length: 99\r\n\r\n',
      stays: true,
      good: 'HTTP 304',
    },
    {
      title: 'interim responses',
      hears:
        'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\nLink: </a>\r\nContent-Length: 9\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
      stays: true,
      good: 'HTTP 200',
    },
    {
      title: 'another protocol instead',
      hears: 'HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n',
      stays: true,
      bad: 'HTTP 101, expected 200-299',
    },
    {
      title: 'the same length twice',
      hears: 'HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\ncontent-length: 2\r\n\r\nok',
      stays: true,
      good: 'HTTP 200',
    },
    {
      title: 'a folded header',
      hears: 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n',
      stays: true,
      good: 'HTTP 200',
    },
    {
      title: 'a range of codes',
      wants: {
        status: [
          [200, 200],
          [301, 302],
        ],
      },
      hears: 'HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n',
      good: 'HTTP 302',
    },
    {
      title: 'a code outside',
      wants: {
        status: [
          [200, 200],
          [301, 302],
        ],
      },
      hears: 'HTTP/1.1 303 x\r\n\r\n',
      stays: true,
      bad: 'HTTP 303, expected 200, 301-302',
    },
    { title: 'an error', hears: 'HTTP/1.1 500 Oh\r\n\r\n', stays: true, bad: 'HTTP 500, expected 200-299' },
    {
      title: 'the right digest',
      wants: { digest: { algorithm: 'sha256', value: sha256('abcdef') } },
      hears: `${CHUNKED}3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n`,
      good: 'HTTP 200',
    },
    {
      title: 'the digest of nothing',
      wants: { digest: { algorithm: 'md5', value: 'd41d8cd98f00b204e9800998ecf8427e' } },
      hears: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
      stays: true,
      good: 'HTTP 200',
    },
    {
      title: 'a wrong digest',
      wants: { digest: { algorithm: 'md5', value: 'd41d8cd98f00b204e9800998ecf8427e' } },
      hears: 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na',
      bad: "HTTP 200, but the body's md5 is 0cc175b9c0f1b6a831c399e269772661",
    },
    {
      title: 'a pattern',
      wants: { body: { pattern: /w[e]ll/, absent: false } },
      hears: 'HTTP/1.0 200 OK\r\n\r\nall is well',
      good: 'HTTP 200',
    },
    {
      title: 'no pattern',
      wants: { body: { pattern: /ill/, absent: false } },
      hears: 'HTTP/1.0 200 OK\r\n\r\nall is wel',
      bad: 'HTTP 200, but the body does not contain the pattern',
    },
    {
      title: 'a pattern that must not be there',
      wants: { body: { pattern: /w[e]ll/, absent: true } },
      hears: 'HTTP/1.0 200 OK\r\n\r\nall is well',
      bad: 'HTTP 200, but the body contains the pattern',
    },
    { title: 'nothing', hears: '', bad: 'the connection was closed without an answer' },
    {
      title: 'half a head',
      hears: 'HTTP/1.1 200 OK\r\nA',
      bad: "the connection was closed in the response's head",
    },
    {
      title: 'half a body',
      hears: 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc',
      bad: 'HTTP 200, but the connection was closed after 3 of 10 bytes of the body',
    },
    {
      title: 'half a chunk',
      hears: `${CHUNKED}5\r\nabc`,
      bad: 'HTTP 200, but the connection was closed before the last chunk of the body',
    },
    {
      title: 'a chunk that is too long',
      hears: `${CHUNKED}3\r\nabcd\r\n`,
      bad: 'a chunk of the body is longer than its size: "d"',
    },
    {
      title: 'a chunk without a size',
      hears: `${CHUNKED}x\r\n`,
      bad: 'a chunk of the body has no size: "x"',
    },
    {
      title: 'a chunk of an impossible size',
      hears: `${CHUNKED}fffffffffffff\r\n`,
      bad: 'a chunk of the body has no size: "fffffffffffff"',
    },
    {
      title: 'two lengths',
      hears: 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      bad: 'the response\'s Content-Length is not a number: "2"',
    },
    {
      title: 'a negative length',
      hears: 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n',
      bad: 'the response\'s Content-Length is not a number: "-1"',
    },
    {
      title: 'a line that is no header',
      hears: 'HTTP/1.1 200 OK\r\nwhat\r\n\r\n',
      bad: 'a line of the response\'s head is not a header: "what"',
    },
    {
      title: 'another protocol',
      hears: 'SSH-2.0-x',
      stays: true,
      bad: 'the answer is not HTTP: "SSH-2.0-x"',
    },
    { title: 'no code', hears: 'HTTP/1.1 OK\r\n', stays: true, bad: 'the answer is not HTTP: "HTTP/1.1 OK"' },
    {
      title: 'control characters',
      hears: 'a\u0000\u001b[1m\u009b\r\n',
      stays: true,
      bad: 'the answer is not HTTP: "a..[1m."',
    },
    {
      title: 'an endless line',
      hears: `HTTP/1.1 200 OK\r\nA: ${'a'.repeat(20_000)}`,
      stays: true,
      bad: "a line of the response's head is longer than 16384 bytes",
    },
    {
      title: 'endless headers',
      hears: `HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(20_000)}`,
      stays: true,
      bad: "the response's head is longer than 65536 bytes",
    },
    {
      title: 'endless interim responses',
      hears: 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(5000),
      stays: true,
      bad: "the response's head is longer than 65536 bytes",
    },
    {
      title: 'endless trailers',
      hears: `${CHUNKED}0\r\n${'A: b\r\n'.repeat(20_000)}`,
      stays: true,
      bad: 'the trailers after the body are longer than 65536 bytes',
    },
    {
      title: 'an endless body of no interest',
      hears: `HTTP/1.0 200 OK\r\n\r\n${'a'.repeat(4 << 20)}`,
      stays: true,
      good: 'HTTP 200',
    },
    {
      title: 'an endless body with a pattern',
      wants: { body: { pattern: /b/, absent: false } },
      hears: `HTTP/1.0 200 OK\r\n\r\n${'a'.repeat(4 << 20)}b`,
      stays: true,
      bad: 'HTTP 200, but the body does not contain the pattern',
    },
  ];

  for (const { title, wants = {}, hears, stays = false, good, bad } of CASES) {
    it(`${good === undefined ? 'refuses' : 'takes'} ${title}`, () => {
      const expected = good === undefined ? { good: false, detail: bad } : { good: true, detail: good };
      const { said, verdict } = overhear(talk(wants), [hears], stays ? 'stays' : 'leaves');
      assert.equal(said, 'REQUEST');
      assert.deepEqual(verdict, expected);
    });

    // Bytes one by one would take their time over the long ones.
    if (hears.length < 1000)
      it(`finds the same of ${title}, byte for byte`, () => {
        const whole = overhear(talk(wants), [hears], stays ? 'stays' : 'leaves');
        const bytes = overhear(talk(wants), [...hears], stays ? 'stays' : 'leaves');
        // What is not HTTP is known before its line has ended.
        if (whole.verdict?.detail.startsWith('the answer is not HTTP'))
          assert.equal(bytes.verdict?.good, false);
        else assert.deepEqual(bytes, whole);
      });
  }

  it('waits for more while a response is not whole', () => {
    for (const begun of [
      '',
      'HTT',
      'HTTP/1.1 200 OK\r\n',
      `${CHUNKED}5\r\nabcde\r\n0\r\n`,
      'HTTP/1.0 200 OK\r\n\r\nabc',
    ])
      assert.equal(overhear(talk({}), [begun], 'stays').verdict, undefined, begun);
  });

  it('has a verdict about any bytes, cut anywhere, when the server leaves', () => {
    const words = fc.constantFrom(
      ...['HTTP/1.1 200 OK\r\n', 'HTTP/1.1 100 x\r\n', '\r\n', '\n', 'Transfer-Encoding: chunked\r\n'],
      ...[
        'Content-Length: 3\r\n',
        'Content-Length: 99999999999999999999\r\n',
        'abc',
        '0\r\n',
        '3\r\n',
        ' ',
        ':',
      ],
    );
    const piece = fc.oneof(
      words,
      fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replace(/[^\0-\xff]/g, '?')),
    );
    const wants = fc.constantFrom<Partial<HttpRequest>>(
      {},
      { method: 'HEAD' },
      { body: { pattern: /a/, absent: true } },
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), wants, (pieces, request) => {
        const { verdict } = overhear(talk(request), pieces);
        assert.ok(verdict !== undefined);
        assert.match(verdict.detail, /^[^\p{Cc}]{1,300}$/u);
      }),
    );
  });
});

function talk(wants: Partial<HttpRequest>): HttpTalk {
  return new HttpTalk({ path: '/', method: 'GET', status: [], ...wants }, 'REQUEST');
}
