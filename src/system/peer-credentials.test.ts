import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { describePeer, peerCredentials } from './peer-credentials.ts';

test('the process at the other end of a Unix socket is known by pid, user, group and name', async () => {
  await using given = await accepted((path) => connect(path));
  const expected = { pid: process.pid, uid: process.geteuid?.(), gid: process.getegid?.() };
  assert.deepEqual(peerCredentials(given.socket), expected);
  const name = basename(process.argv[1] ?? '').replace(/\.ts$/, '');
  assert.equal(describePeer(given.socket), `pid ${process.pid} (${name}), uid ${process.geteuid?.()}`);
});

test('a script is known by its name, and a name cannot break a line of the log', async () => {
  const script =
    'process.getBuiltinModule("net").connect(process.env.SOCKET).on("close", () => process.exit())';
  await using given = await accepted((path) => {
    const child = spawn(process.execPath, ['-e', script], {
      argv0: 'bad\nname {x}',
      env: { SOCKET: path },
      stdio: 'ignore',
    });
    return { destroy: () => child.kill() };
  });
  assert.match(describePeer(given.socket) ?? '', /^pid \d+ \(bad\?name\?\?x\?\), uid \d+$/);
});

test('a connection over TCP, and one that is closed, have no peer that could be told', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const waiting = once(server, 'connection');
  const client = connect(server.address() as never);
  const [socket] = (await waiting) as [Socket];
  assert.equal(peerCredentials(socket), undefined);
  assert.equal(describePeer(socket), undefined);
  client.destroy();
  socket.destroy();
  server.close();
  assert.equal(describePeer(socket), undefined);
});

/** What a server has of a client that connects. */
async function accepted(
  start: (path: string) => { destroy(): unknown },
): Promise<AsyncDisposable & { socket: Socket }> {
  const directory = mkdtempSync(join(tmpdir(), 'vipr-peer-'));
  const path = join(directory, 's');
  const server: Server = createServer();
  await new Promise<void>((resolve) => void server.listen(path, resolve));
  const waiting = once(server, 'connection');
  const client = start(path);
  const [socket] = (await waiting) as [Socket];
  return {
    socket,
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      socket.destroy();
      await new Promise((resolve) => void server.close(resolve));
      rmSync(directory, { recursive: true });
    },
  };
}
