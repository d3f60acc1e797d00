import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { type FastifyInstance, type FastifyReply, type FastifyServerFactory, fastify } from 'fastify';
import type { Engine } from '../engines/engine.ts';
import { EventStreams } from './events/event-stream.ts';
import type { OperatedDirector } from './operated-director.ts';
import { registerOperatingRoutes } from './operating-routes.ts';
import { notFound, problemOf, RequestInvalidError } from './problem.ts';
import {
  BODY_LIMIT,
  type DirectorInfo,
  type ReloadResponse,
  type TableChange,
  type WantedTable,
} from './protocol.ts';
import { runAs } from './request-actor.ts';
import { registerRoutes } from './routes.ts';

/** What the control API serves: an engine, and what its director says of itself. */
export interface ControlledDirector extends Omit<Engine, 'close'>, OperatedDirector {
  describe(): DirectorInfo;
  /** Requests wait for it. */
  ready(): Promise<void>;
  /** What applying a table would change. */
  plan(wanted: WantedTable): Promise<readonly TableChange[]>;
  /** Changes the table, wholly or not at all, and tells what it changed. Throws APPLY_REFUSED. */
  apply(wanted: WantedTable): Promise<readonly TableChange[]>;
  /** Applies the configuration file anew. Throws APPLY_REFUSED, CONFIG_INVALID, CONFIG_UNREADABLE, and USAGE without a file. */
  reload(): Promise<ReloadResponse>;
}

export interface ApiServerModules {
  /** Told of failures that are not the client's. */
  readonly onFailure: (error: unknown) => void;
  /** Who is at the other end of a connection of the control socket: `pid 812 (ipvsadm), uid 0`. */
  readonly peerOf?: (socket: Socket) => string | undefined;
}

/** What carries the API where it is not the control socket. */
export interface ApiTransport {
  /** Makes the server, which is then there as `app.server`. */
  readonly serverFactory: FastifyServerFactory<Server>;
  /** Throws where a request is not to be answered. */
  readonly admit: (request: IncomingMessage) => void;
  readonly actorOf: (request: IncomingMessage) => string | undefined;
}

/** The control API of a director, ready to serve: make `app.server` listen, and end it with {@link closeApiServer}. */
export async function createApiServer(
  director: ControlledDirector,
  { onFailure, peerOf }: ApiServerModules,
  transport?: ApiTransport,
): Promise<FastifyInstance> {
  const answerError = (error: unknown, reply: FastifyReply) => {
    const { status, problem } = problemOf(error);
    if (status >= 500) onFailure(error);
    if (status === 401) reply.header('www-authenticate', 'Bearer realm="vipr"');
    return reply.code(status).send(problem);
  };
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    clientErrorHandler: refuseGarbage,
    frameworkErrors: (error, _request, reply) => answerError(error, reply),
    routerOptions: { querystringParser: readQuery },
    ...(transport !== undefined && { serverFactory: transport.serverFactory }),
  });
  app.addHook('onRequest', async ({ raw }) => {
    transport?.admit(raw);
    await director.ready();
  });
  // Not earlier: what reads a body goes on in the name of nobody.
  app.addHook('preHandler', ({ raw }, _reply, done) => {
    runAs(transport === undefined ? peerOf?.(raw.socket) : transport.actorOf(raw), done);
  });
  app.setErrorHandler((error, _request, reply) => answerError(error, reply));
  app.setNotFoundHandler((request, reply) => reply.code(404).send(notFound(request.method, request.url)));
  const streams = new EventStreams(director);
  streamsOf.set(app, streams);
  registerRoutes(app, director);
  registerOperatingRoutes(app, director, streams);
  // A connection that cannot be accepted, for want of descriptors or memory, must not end the director.
  app.server.once('listening', () => app.server.on('error', onFailure));
  await app.ready();
  return app;
}

/** What ends with a server before its requests do. */
const streamsOf = new WeakMap<FastifyInstance, EventStreams>();

/** A parameter that is given more than once is a list, which only those take that may be. */
function readQuery(text: string): Record<string, string | string[]> {
  const given = new URLSearchParams(text);
  return Object.fromEntries(
    [...new Set(given.keys())].map((key) => {
      const values = given.getAll(key);
      return [key, values.length === 1 ? (values[0] ?? '') : values];
    }),
  );
}

/** Answers what the HTTP parser could not read. */
function refuseGarbage(error: Error, socket: Socket): void {
  if (!socket.writable) return;
  const { problem } = problemOf(new RequestInvalidError(`The request is not HTTP: ${error.message}.`));
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** How long requests may still run when the API closes, in milliseconds. */
const CLOSING_TIME = 1000;

/** Takes no more requests from now on, and lets those that run end for a moment. */
export async function closeApiServer(app: FastifyInstance): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  app.server.close(() => resolve());
  streamsOf.get(app)?.close();
  const timer = setTimeout(() => app.server.closeAllConnections(), CLOSING_TIME);
  await promise;
  clearTimeout(timer);
  await app.close();
}
