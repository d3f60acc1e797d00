import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { Engine } from '../../engines/engine.ts';
import type { ConnectionEntry } from '../../model/connection.ts';
import { CONNECTIONS_CONTENT_TYPE, PAGE_LIMIT } from '../protocol.ts';
import type { connectionsQuery } from '../schema/request-schema.ts';
import { type ConnectionFilter, matches } from './connection-filter.ts';
import { readConnectionPage } from './connection-page.ts';

/** The connection table: a page of it where a limit or a cursor is given, else all of it in a stream. */
export async function sendConnections(
  director: Pick<Engine, 'connections'>,
  { limit, cursor, ...filter }: z.output<typeof connectionsQuery>,
  reply: FastifyReply,
): Promise<unknown> {
  if (limit === undefined && cursor === undefined) return stream(director, filter, reply);
  return readConnectionPage(director.connections(), {
    ...filter,
    limit: limit ?? PAGE_LIMIT.usual,
    ...(cursor !== undefined && { cursor }),
  });
}

/** The engine is asked for the next page only when the reader took the one before, and told when the reader left. */
async function stream(
  director: Pick<Engine, 'connections'>,
  filter: ConnectionFilter,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const pages = director.connections()[Symbol.asyncIterator]();
  const isFiltered = Object.keys(filter).length > 0;
  // An engine that fails at once is still answered with a status; later the connection can only be cut.
  let ready: IteratorResult<readonly ConnectionEntry[]> | undefined = await pages.next();
  const lines: AsyncIterableIterator<string> = {
    [Symbol.asyncIterator]: () => lines,
    async next() {
      for (;;) {
        const page = ready ?? (await pages.next());
        ready = undefined;
        if (page.done) return { done: true, value: undefined };
        const found = isFiltered ? page.value.filter((entry) => matches(entry, filter)) : page.value;
        if (found.length > 0 || !isFiltered) return { value: `${JSON.stringify(found)}\n` };
      }
    },
    async return() {
      await pages.return?.();
      return { done: true, value: undefined };
    },
  };
  return reply.type(CONNECTIONS_CONTENT_TYPE).send(Readable.from(lines, { highWaterMark: 1 }));
}
