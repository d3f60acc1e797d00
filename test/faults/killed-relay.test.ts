import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { describe, test } from 'node:test';
import { TestDirectory, ViprProcess } from '../../src/commands/vipr-process.ts';

const RESTARTS = 5;

/** Greets whoever comes, and keeps the connection. */
async function greeter(): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('hello');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** What comes first over a new connection, which stays open until the test ends. */
async function greeting(port: number, signal: AbortSignal): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  signal.addEventListener('abort', () => socket.destroy());
  const [text] = await once(socket, 'data', { signal: AbortSignal.timeout(10_000) });
  return String(text);
}

describe('SIGKILL of a director on the relay', () => {
  test('the next one serves at once, on the same ports and the same socket, and has the table of its file', async () => {
    const end = new AbortController();
    const server = await greeter();
    // A port that the system has just given and taken back.
    const other = await greeter();
    const port = portOf(other);
    other.close();
    await once(other, 'close');
    using directory = new TestDirectory();
    const config = directory.write(
      'vipr.yaml',
      `services:
  - service: tcp 127.0.0.1:${port}
    destinations: [{ address: 127.0.0.1:${portOf(server)} }]
`,
    );
    try {
      for (let count = 0; count < RESTARTS; count++) {
        const words = ['up', '--engine', 'relay', '--workers', '1', '--config', config];
        await using vipr = new ViprProcess([...words, '--socket', directory.socket]);
        await vipr.logs('control socket');
        assert.doesNotMatch(vipr.stderr, /takes no traffic/);
        for (let client = 0; client < 3; client++) assert.equal(await greeting(port, end.signal), 'hello');
        vipr.signal('SIGKILL');
        assert.deepEqual(await vipr.ended, { code: null, signal: 'SIGKILL' });
      }
    } finally {
      end.abort();
      server.close();
    }
  });
});
