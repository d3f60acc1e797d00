import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ViprError } from '../model/error.ts';
import { readHttpResponse } from './http-response.ts';

async function* cut(text: string, cuts: readonly number[]): AsyncIterable<Uint8Array> {
  const bytes = Buffer.from(text);
  const at = [
    0,
    ...cuts.map((cut) => cut % (bytes.length + 1)).sort((one, other) => one - other),
    bytes.length,
  ];
  for (let index = 1; index < at.length; index++) yield bytes.subarray(at[index - 1], at[index]);
}

async function read(text: string, cuts: readonly number[] = []): Promise<{ status: number; body: string }> {
  const { status, body } = await readHttpResponse(cut(text, cuts));
  let whole = '';
  for await (const piece of body) whole += piece;
  return { status, body: whole };
}

const BODY = '{"name":"dîrector ☃"}';
const LENGTH = Buffer.byteLength(BODY);
const CHUNKED = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=1\r\n{"nam\r\n${(LENGTH - 5).toString(16)}\r\n${BODY.slice(5)}\r\n0\r\n\r\n`;
const ANSWERS = [
  `HTTP/1.1 200 OK\r\nContent-Length: ${LENGTH}\r\n\r\n${BODY}`,
  `HTTP/1.1 200\r\ncontent-length:${LENGTH}\r\n\r\n${BODY}ignored`,
  `HTTP/1.0 200 OK\r\n\r\n${BODY}`,
  CHUNKED,
];

test('a body of known length, in chunks, or up to the end, however it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...ANSWERS), fc.array(fc.nat()), async (answer, cuts) => {
      assert.deepEqual(await read(answer, cuts), { status: 200, body: BODY });
    }),
  );
  assert.deepEqual(await read('HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n'), {
    status: 204,
    body: '',
  });
});

test('an answer that ends early is never taken for a whole one', async () => {
  for (const answer of [ANSWERS[0] ?? '', CHUNKED]) {
    for (let length = 1; length < answer.length - 4; length++) {
      await assert.rejects(read(answer.slice(0, length)), (error: Error) =>
        length < 7 ? error instanceof ViprError : 'code' in error && error.code === 'ECONNRESET',
      );
    }
  }
  await assert.rejects(read(''), { code: 'ECONNRESET' });
});

test('what is not HTTP is RESPONSE_INVALID, never another error', async () => {
  for (const text of [
    'SSH-2.0-OpenSSH\r\n',
    'HTTP/1.1 abc\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n',
  ]) {
    await assert.rejects(read(text), { code: 'RESPONSE_INVALID' }, text);
  }
  await assert.rejects(read(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(70_000)}`), { code: 'RESPONSE_INVALID' });
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(fc.nat()),
      async (text, cuts) => {
        await read(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${text}`, cuts).catch(
          (error: Error) => {
            assert.ok(
              error instanceof ViprError || ('code' in error && error.code === 'ECONNRESET'),
              String(error),
            );
          },
        );
      },
    ),
  );
});
