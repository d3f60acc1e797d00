import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, test } from 'node:test';
import { TLSSocket } from 'node:tls';
import fc from 'fast-check';
import { checkerOf } from '../../src/health/checker-registry.ts';
import type { HttpProbe, Probe, SmtpProbe } from '../../src/model/check.ts';
import { startTarget, streamTarget } from './fixture/stream-target.ts';
import { openThings, untilClosed } from './open-things.ts';

/** One thing that a server does; `wait` lets the event loop turn, so that what follows is another packet. */
type Deed = { readonly send: string } | 'wait' | 'end' | 'reset';

const http: HttpProbe = {
  kind: 'http',
  version: '1.1',
  requests: [
    { path: '/', method: 'GET', status: [], body: { pattern: /well/, absent: false } },
    { path: '/', method: 'HEAD', status: [[100, 999]] },
  ],
};
const smtp: SmtpProbe = { kind: 'smtp', heloName: 'me', endpoints: [{}, {}] };

const WORDS: readonly string[] = [
  ...[
    'HTTP/1.1 200 OK\r\n',
    'Content-Length: 4\r\n',
    'Transfer-Encoding: chunked\r\n',
    '4\r\nwell\r\n',
    '0\r\n',
  ],
  ...['220 hello\r\n', '220-', '250 hello\r\n', '221 bye\r\n', '500 no\r\n', '\r\n', 'well', '\0\xff\x1b[1m'],
  'A: b\r\n'.repeat(12_000),
];
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...WORDS).map((send) => ({ send })) },
  { weight: 2, arbitrary: fc.constant<Deed>('wait') },
  { weight: 1, arbitrary: fc.constantFrom<Deed>('end', 'reset') },
);

describe('whatever a server does', () => {
  for (const [name, probe] of Object.entries({ http, smtp, https: { ...http, tls: { verify: false } } })) {
    test(`a check by ${name} has a verdict, and leaves nothing open`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(deed, { maxLength: 12 }), (deeds) => endures(probe, deeds)),
        { numRuns: 60 },
      );
    });
  }
});

async function endures(probe: Probe, deeds: readonly Deed[]): Promise<void> {
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const target = await startTarget(
    streamTarget(probe, (socket) => {
      carryOut(socket, deeds).then(resolve, resolve);
    }),
  );
  try {
    const before = openThings();
    const controller = new AbortController();
    const pending = checkerOf(probe.kind).check({ ...target.attempt, signal: controller.signal });
    // A server that still waits when it has done all it will do waits for ever.
    await Promise.race([pending, done]);
    controller.abort();
    const { detail } = await pending;
    assert.match(detail, /^[^\p{Cc}]{1,500}$/u);
    await untilClosed(before);
  } finally {
    await target.close();
  }
}

async function carryOut(socket: Socket, deeds: readonly Deed[]): Promise<void> {
  for (const next of deeds) {
    if (socket.destroyed) return;
    if (next === 'wait') await new Promise(setImmediate);
    else if (next === 'end') socket.end();
    else if (next === 'reset') reset(socket);
    else if (socket.writable) socket.write(next.send, 'latin1');
  }
}

/** Node.js cannot reset a socket with TLS, nor one that it is shutting down (uv_tcp_close_reset). */
function reset(socket: Socket): void {
  if (socket instanceof TLSSocket || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
