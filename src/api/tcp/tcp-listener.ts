import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { ViprError } from '../../model/error.ts';
import { hostPort } from '../../model/service.ts';
import type { Port } from '../../model/unit.ts';
import {
  type ApiServerModules,
  type ControlledDirector,
  closeApiServer,
  createApiServer,
} from '../server.ts';
import { admit } from './admission.ts';
import { type BearerToken, readToken } from './bearer-token.ts';
import { isLoopback, type TcpSettings } from './tcp-settings.ts';
import { readTlsFiles, type TlsMaterial } from './tls-files.ts';

/** What limits a client that is slow, on purpose or not; in milliseconds where it is a time. */
export interface TcpLimits {
  /** For a request's head to be there. */
  readonly headersTimeout: number;
  /** For a request to be there, with its body. */
  readonly requestTimeout: number;
  readonly keepAliveTimeout: number;
  readonly connectionsCheckingInterval: number;
  readonly handshakeTimeout: number;
  /** A connection on which nothing moves for so long is cut. */
  readonly silence: number;
  /** Bytes. */
  readonly maxHeaderSize: number;
  readonly connections: number;
}

const LIMITS: TcpLimits = {
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 5_000,
  handshakeTimeout: 10_000,
  silence: 120_000,
  maxHeaderSize: 16_384,
  connections: 512,
};

/** Milliseconds that connections of an old token go on. */
const LAST_ANSWERS = 1000;

/** The control API on TCP. */
export interface TcpListener {
  /** Where it listens: `https://192.0.2.1:9327`. */
  readonly url: string;
  /**
   * Reads the token and the certificate anew. Where that throws, the old ones stay. Connections that another token let in, event streams
   * among them, end a moment later.
   */
  reload(): Promise<void>;
  /** Takes no more requests, and lets those that run end for a moment. */
  close(): Promise<void>;
}

export interface TcpListenerModules extends ApiServerModules {
  /** Told of what is allowed but not wise. */
  readonly warn: (text: string) => void;
}

/**
 * Serves the control API over TCP. Throws CONFIG_INVALID beyond loopback without a token, CONFIG_UNREADABLE and PERMISSION_DENIED for
 * its files, ADDRESS_IN_USE, ADDRESS_NOT_LOCAL, SYSTEM_CALL_FAILED; nothing listens then.
 */
export async function listenTcp(
  director: ControlledDirector,
  settings: TcpSettings,
  modules: TcpListenerModules,
  limits: TcpLimits = LIMITS,
): Promise<TcpListener> {
  const { address, tls } = settings;
  const sockets = new Set<Socket>();
  if (!isLoopback(address) && settings.tokenFile === undefined) throw needsToken(settings);
  let token = await tokenOf(settings);
  const server = createServer(tls && (await readTlsFiles(tls)), limits);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const app = await createApiServer(director, modules, {
    serverFactory: (handler) => server.on('request', handler),
    admit: (request) => admit(request, address, token),
    actorOf: (request) => actorOf(request, token),
  });
  try {
    await listen(server, settings);
  } catch (error) {
    await app.close();
    throw error;
  }
  if (!isLoopback(address) && tls === undefined) {
    modules.warn(
      `the API on ${hostPort(address, settings.port)} takes its token without TLS: who sees the packets has it`,
    );
  }
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${hostPort(address, port as Port)}`,
    reload: async () => {
      const material = tls && (await readTlsFiles(tls));
      const before = token;
      token = await tokenOf(settings);
      if (material !== undefined) setMaterial(server, material);
      if (before !== undefined && token?.equals(before) !== true) endSoon([...sockets]);
    },
    close: () => closeApiServer(app),
  };
}

/** The request that asked for the reload, over one of them perhaps, is to get its answer. */
function endSoon(sockets: readonly Socket[]): void {
  setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, LAST_ANSWERS).unref();
}

async function tokenOf({ tokenFile }: TcpSettings): Promise<BearerToken | undefined> {
  return tokenFile === undefined ? undefined : await readToken(tokenFile);
}

function createServer(
  material: TlsMaterial | undefined,
  { silence, connections, handshakeTimeout, ...limits }: TcpLimits,
): Server {
  const server =
    material === undefined
      ? createHttpServer(limits)
      : createHttpsServer({ ...limits, ...material, handshakeTimeout });
  server.maxConnections = connections;
  server.setTimeout(silence);
  // An HTTPS server is a TLS server that has all the methods of an HTTP one.
  return server as Server;
}

function setMaterial(server: Server, material: TlsMaterial): void {
  if ('setSecureContext' in server) (server.setSecureContext as (options: TlsMaterial) => void)(material);
}

function actorOf({ socket }: IncomingMessage, token: BearerToken | undefined): string {
  const from = `${socket.remoteAddress?.includes(':') ? `[${socket.remoteAddress}]` : socket.remoteAddress}:${socket.remotePort}`;
  return token === undefined ? from : `${from} (token)`;
}

function listen(server: Server, { address, port }: TcpSettings): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, hostPort(address, port))));
  server.listen({ host: address, port }, resolve);
  return promise;
}

function explain(cause: NodeJS.ErrnoException, at: string): ViprError {
  const what = `The API cannot listen on ${at}: ${cause.message}.`;
  switch (cause.code) {
    case 'EADDRINUSE':
      return new ViprError('ADDRESS_IN_USE', what, {
        cause,
        hint: 'End the program that listens there, or choose another port.',
      });
    case 'EADDRNOTAVAIL':
      return new ViprError('ADDRESS_NOT_LOCAL', what, {
        cause,
        hint: 'Give an address of this host.',
      });
    case 'EACCES':
      return new ViprError('PERMISSION_DENIED', what, {
        cause,
        hint: 'Choose a port from 1024, or give the director CAP_NET_BIND_SERVICE.',
      });
  }
  return new ViprError('SYSTEM_CALL_FAILED', what, {
    cause,
    ...(cause.code !== undefined && { errno: cause.code }),
    hint: "Check the API's address and port.",
  });
}

function needsToken({ address, port }: TcpSettings): ViprError {
  return new ViprError(
    'CONFIG_INVALID',
    `The API on ${hostPort(address, port)} would be open to other hosts.`,
    {
      hint: 'Name a file with a token in the configuration, or let it listen on 127.0.0.1.',
    },
  );
}
