import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import type { IpAddress } from '../../model/address.ts';
import type { FirewallMark, Port } from '../../model/unit.ts';
import type { Verdict } from '../checker.ts';
import type { ConnectTarget } from './connect-target.ts';
import { converse } from './converse.ts';
import { bad, CheckFailure, good, type Talk } from './talk.ts';

const LOOPBACK = '127.0.0.1' as IpAddress;
const root = process.getuid?.() === 0 ? false : 'needs root: SO_MARK takes CAP_NET_ADMIN';

/** Says hello, and waits for as many bytes as it is told. */
function listener(bytes: number): Talk {
  let heard = '';
  return {
    waitingFor: 'the echo',
    begin: () => ({ say: 'hello' }),
    hear(piece) {
      heard += String(piece);
      return heard.length >= bytes ? good(heard) : undefined;
    },
    end: () => bad(`only ${heard}`),
  };
}

describe('converse', () => {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    // Servers wait for their connections, which came later.
    for (const close of closers.splice(0).reverse()) await close();
  });

  /** A server on loopback; the target is where it listens. */
  async function serve(serve: (socket: Socket) => void, host: string = LOOPBACK): Promise<ConnectTarget> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {});
      closers.push(() => socket.destroy());
      serve(socket);
    }).listen(0, host);
    await once(server, 'listening');
    closers.push(() => new Promise((closed) => server.close(closed)));
    return { address: host as IpAddress, port: (server.address() as AddressInfo).port as Port };
  }

  const ask = (target: ConnectTarget, talk: Talk, signal = new AbortController().signal): Promise<Verdict> =>
    converse(target, signal, talk);

  it('hears what comes in pieces', async () => {
    const target = await serve((socket) => {
      socket.once('data', async (bytes) => {
        for (const byte of Buffer.from(bytes)) {
          socket.write(Buffer.of(byte));
          await new Promise(setImmediate);
        }
      });
    });
    assert.deepEqual(await ask(target, listener(5)), good('hello'));
  });

  it('comes from where it is told, IPv4', { skip: root }, async () => {
    const target = await serve((socket) => socket.end(`${socket.remoteAddress}`));
    const origin = { sourceAddress: '127.0.0.7' as IpAddress, interface: 'lo', mark: 9 as FirewallMark };
    assert.deepEqual(await ask({ ...target, ...origin }, listener(9)), good('127.0.0.7'));
  });

  it('comes from where it is told, IPv6', async () => {
    const target = await serve((socket) => socket.end('welcome'), '::1');
    assert.deepEqual(
      await ask({ ...target, sourceAddress: '::1' as IpAddress }, listener(7)),
      good('welcome'),
    );
  });

  it('can use a source port again at once', async () => {
    const target = await serve((socket) => socket.resume());
    const port = await freePort();
    const fromPort = { ...target, sourceAddress: '127.0.0.8' as IpAddress, sourcePort: port };
    const connected = { ...listener(0), begin: () => good('connected') };
    for (let time = 0; time < 3; time++) assert.deepEqual(await ask(fromPort, connected), good('connected'));
  });

  it('does not take itself for a server', async () => {
    const port = await freePort();
    const itself = { address: LOOPBACK, port, sourceAddress: LOOPBACK, sourcePort: port };
    assert.deepEqual(await ask(itself, listener(1)), bad('connection refused'));
  });

  it('tells the end of the server from a reset', async () => {
    const ending = await serve((socket) => socket.end('abc'));
    assert.deepEqual(await ask(ending, listener(9)), bad('only abc'));
    const resetting = await serve((socket) => socket.once('data', () => socket.resetAndDestroy()));
    assert.deepEqual(await ask(resetting, listener(9)), bad('connection reset while waiting for the echo'));
  });

  it('ends with FIN, which a server can tell from a reset', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const target = await serve((socket) => {
      socket.resume();
      socket.on('error', () => resolve('reset'));
      socket.on('end', () => resolve('end'));
    });
    await ask(target, { ...listener(0), begin: () => good('connected') });
    assert.equal(await promise, 'end');
  });

  it('says what it waited for when time is over, and hangs up', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { promise: left, resolve: leave } = Promise.withResolvers<void>();
    const target = await serve((socket) => {
      socket.on('end', leave);
      socket.on('data', () => resolve());
    });
    const controller = new AbortController();
    const verdict = ask(target, listener(9), controller.signal);
    await promise;
    controller.abort();
    assert.deepEqual(await verdict, bad('timed out waiting for the echo'));
    await left;
  });

  it('turns what a talk throws into a verdict', async () => {
    const target = await serve((socket) => socket.end('abc'));
    const throwing = (error: Error): Talk => ({
      ...listener(1),
      hear() {
        throw error;
      },
    });
    assert.deepEqual(await ask(target, throwing(new CheckFailure('too\nstrange'))), bad('too strange'));
    assert.deepEqual(await ask(target, throwing(new TypeError('a bug'))), bad('a bug'));
  });

  it('does not try without a port', async () => {
    const verdict = await ask({ address: LOOPBACK, port: 0 as Port }, listener(1));
    assert.deepEqual(verdict, bad('there is no port to connect to: give the check one'));
  });
});

/** The system's choice; nobody has it any more. */
async function freePort(): Promise<Port> {
  const server = createServer().listen(0, LOOPBACK);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port as Port;
}
