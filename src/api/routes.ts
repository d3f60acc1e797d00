import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { OperationOutcome } from '../engines/engine.ts';
import { ViprError } from '../model/error.ts';
import { parseServiceKey } from '../model/parse-service-key.ts';
import type { ServiceId } from '../model/service.ts';
import { encodeError, encodeFaults, encodeService, encodeTable } from './codec.ts';
import { operationsRequestSchema } from './operation-schema.ts';
import { RequestInvalidError, requestInvalid } from './problem.ts';
import {
  type ChangesResponse,
  CONNECTIONS_CONTENT_TYPE,
  type FaultsResponse,
  type InfoResponse,
  type OperationsResponse,
  type ReloadResponse,
  ROUTES,
  type ServiceResponse,
  type StatusResponse,
  type TableResponse,
  type WantedTable,
} from './protocol.ts';
import type { ControlledDirector } from './server.ts';
import { emptyRequestSchema, wantedTableSchema } from './table-schema.ts';

export function registerRoutes(app: FastifyInstance, director: ControlledDirector): void {
  const info = async (): Promise<InfoResponse> => ({
    ...(await director.info()),
    director: director.describe(),
  });

  app.get(ROUTES.info.path, info);
  app.get(ROUTES.table.path, async (): Promise<TableResponse> => encodeTable(await director.snapshot()));
  app.get(ROUTES.faults.path, async (): Promise<FaultsResponse> => encodeFaults(await director.faults()));
  app.get(
    ROUTES.status.path,
    async (): Promise<StatusResponse> => ({
      info: await info(),
      table: encodeTable(await director.snapshot()),
      ...encodeFaults(await director.faults()),
    }),
  );
  app.get(ROUTES.service.path, async ({ query }): Promise<ServiceResponse> => {
    const { id, key } = readServiceKey(query);
    const service = await director.service(id);
    if (service === undefined) {
      throw new ViprError('SERVICE_NOT_FOUND', `The table holds no service ${key}.`, {
        hint: `GET ${ROUTES.table.path} lists those that it holds.`,
      });
    }
    return encodeService(service);
  });
  app.get(ROUTES.connections.path, (_request, reply) => sendConnections(director, reply));
  app.post(ROUTES.operations.path, async ({ body }): Promise<OperationsResponse> => {
    const request = operationsRequestSchema.safeParse(body);
    if (!request.success) throw requestInvalid(request.error);
    const outcomes = await director.execute(request.data.operations);
    return {
      outcomes: outcomes.map((error: OperationOutcome) => (error === undefined ? null : encodeError(error))),
    };
  });
  app.post(ROUTES.plan.path, async ({ body }): Promise<ChangesResponse> => {
    return { changes: await director.plan(readWanted(body)) };
  });
  app.post(ROUTES.apply.path, async ({ body }): Promise<ChangesResponse> => {
    return { changes: await director.apply(readWanted(body)) };
  });
  app.post(ROUTES.reload.path, async ({ body }): Promise<ReloadResponse> => {
    const request = emptyRequestSchema.safeParse(body ?? {});
    if (!request.success) throw requestInvalid(request.error);
    return director.reload();
  });
}

function readWanted(body: unknown): WantedTable {
  const request = wantedTableSchema.safeParse(body);
  if (!request.success) throw requestInvalid(request.error);
  return request.data;
}

function readServiceKey(query: unknown): { id: ServiceId; key: string } {
  const key = (query as { readonly key?: string }).key ?? '';
  const id = parseServiceKey(key);
  if (id !== undefined) return { id, key };
  const message = 'must name a service, such as "tcp 192.0.2.10:80" or "fwmark 3 inet6"';
  throw new RequestInvalidError(`The parameter key ${message}.`, [{ path: 'key', message }]);
}

/** The engine is asked for the next page only when the reader took the one before, and told when the reader left. */
async function sendConnections(director: ControlledDirector, reply: FastifyReply): Promise<FastifyReply> {
  const pages = director.connections()[Symbol.asyncIterator]();
  // An engine that fails at once is still answered with a status; later the connection can only be cut.
  let ready: IteratorResult<unknown> | undefined = await pages.next();
  const lines: AsyncIterableIterator<string> = {
    [Symbol.asyncIterator]: () => lines,
    async next() {
      const page = ready ?? (await pages.next());
      ready = undefined;
      return page.done ? { done: true, value: undefined } : { value: `${JSON.stringify(page.value)}\n` };
    },
    async return() {
      await pages.return?.();
      return { done: true, value: undefined };
    },
  };
  return reply.type(CONNECTIONS_CONTENT_TYPE).send(Readable.from(lines, { highWaterMark: 1 }));
}
