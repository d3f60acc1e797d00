import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { openControlSocket } from './control-socket.ts';

let directory: string;
let path: string;
const servers: Server[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vipr-socket-'));
  path = join(directory, 'run', 'vipr.sock');
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map(close));
  rmSync(directory, { recursive: true });
});

function server(): Server {
  const made = createServer((socket) => socket.end());
  servers.push(made);
  return made;
}

function close(closed: Server): Promise<void> {
  return new Promise((resolve) => void closed.close(() => resolve()));
}

function answers(at: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(at);
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

/** A socket whose server is gone, as a director that was killed leaves it. */
async function leaveStaleSocket(): Promise<void> {
  mkdirSync(join(directory, 'run'));
  const gone = createServer();
  await new Promise<void>((resolve) => void gone.listen(`${path}.1`, resolve));
  linkSync(`${path}.1`, path);
  await close(gone);
  assert.ok(lstatSync(path).isSocket());
  assert.equal(await answers(path), false);
}

test('the socket is for its owner alone, whatever the umask, in a directory that is made for it', async () => {
  const before = process.umask(0);
  try {
    await openControlSocket(server(), path);
    assert.equal(process.umask(), 0);
  } finally {
    process.umask(before);
  }
  assert.equal(statSync(path).mode & 0o7777, 0o600);
  const mode = process.geteuid?.() === 0 ? 0o755 : 0o700;
  assert.equal(statSync(join(directory, 'run')).mode & 0o7777, mode);
  assert.equal(await answers(path), true);
});

test('closing the server removes the socket', async () => {
  const opened = server();
  await openControlSocket(opened, path);
  await close(opened);
  assert.equal(existsSync(path), false);
});

test('a stale socket is replaced', async () => {
  await leaveStaleSocket();
  await openControlSocket(server(), path);
  assert.equal(await answers(path), true);
  assert.equal(statSync(path).mode & 0o7777, 0o600);
});

test('a live socket is refused, and goes on', async () => {
  await openControlSocket(server(), path);
  await assert.rejects(openControlSocket(server(), path), { code: 'DIRECTOR_RUNNING', hint: /--socket/ });
  assert.equal(await answers(path), true);
});

test('of several directors that start at once over a stale socket, one runs', async () => {
  await leaveStaleSocket();
  const outcomes = await Promise.allSettled(
    Array.from({ length: 5 }, () => openControlSocket(server(), path)),
  );
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  assert.equal(refused.length, 4);
  for (const { reason } of refused) assert.equal(reason.code, 'DIRECTOR_RUNNING');
  assert.equal(await answers(path), true);
});

test('what is not a socket is left alone', async () => {
  mkdirSync(join(directory, 'run'));
  writeFileSync(path, 'precious');
  await assert.rejects(openControlSocket(server(), path), { code: 'USAGE', message: /is not a socket/ });
  assert.equal(statSync(path).size, 8);
});

test('a path that is too long for a socket is refused by its length', async () => {
  const long = join(directory, 'x'.repeat(107 - directory.length));
  await assert.rejects(openControlSocket(server(), long), {
    code: 'USAGE',
    message: /longer than 107 bytes/,
  });
  await openControlSocket(server(), long.slice(0, -1));
});

test('a directory that cannot be made is told', async () => {
  writeFileSync(join(directory, 'run'), '');
  await assert.rejects(openControlSocket(server(), path), {
    code: 'SYSTEM_CALL_FAILED',
    errno: /EEXIST|ENOTDIR/,
  });
});

test('a directory that has no place to be made ends with an error', { timeout: 5000 }, async () => {
  await assert.rejects(openControlSocket(server(), '/proc/vipr/run/vipr.sock'), {
    code: 'SYSTEM_CALL_FAILED',
  });
});

test('a directory where anybody could replace the socket is refused, one like /tmp is not', async () => {
  const socket = join(directory, 'vipr.sock');
  chmodSync(directory, 0o777);
  await assert.rejects(openControlSocket(server(), socket), {
    code: 'PERMISSION_DENIED',
    message: /all users/,
  });
  chmodSync(directory, 0o1777);
  await openControlSocket(server(), socket);
});

test("another user's directory is refused", async (context) => {
  if (process.geteuid?.() !== 0) return context.skip('only root can become another user');
  chownSync(directory, 65533, 65533);
  chmodSync(directory, 0o1777);
  process.seteuid?.(65534);
  try {
    const socket = join(directory, 'vipr.sock');
    await assert.rejects(openControlSocket(server(), socket), {
      code: 'PERMISSION_DENIED',
      message: /another/,
    });
    // One of its own below it will do.
    await openControlSocket(server(), path);
    assert.equal(statSync(join(directory, 'run')).mode & 0o7777, 0o700);
  } finally {
    process.seteuid?.(0);
  }
});
