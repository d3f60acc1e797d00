import type { FastifyInstance } from 'fastify';
import type { OperationOutcome } from '../engines/engine.ts';
import { ViprError } from '../model/error.ts';
import { serviceKey } from '../model/service.ts';
import { encodeError, encodeFaults, encodeService, encodeTable } from './codec.ts';
import { sendConnections } from './connections/send-connections.ts';
import { operationsRequestSchema } from './operation-schema.ts';
import {
  type ChangesResponse,
  type FaultsResponse,
  type InfoResponse,
  type OperationsResponse,
  type ReloadResponse,
  ROUTES,
  type ServiceResponse,
  type StatusResponse,
  type TableResponse,
} from './protocol.ts';
import { readSynchronisation } from './read-synchronisation.ts';
import { get, post } from './route.ts';
import { connectionsQuery, noQuery, serviceQuery } from './schema/request-schema.ts';
import type { ControlledDirector } from './server.ts';
import { emptyRequestSchema, wantedTableSchema } from './table-schema.ts';

export function registerRoutes(app: FastifyInstance, director: ControlledDirector): void {
  const info = async (): Promise<InfoResponse> => ({
    ...(await director.info()),
    director: director.describe(),
  });

  get(app, 'info', noQuery, info);
  get(app, 'table', noQuery, async (): Promise<TableResponse> => encodeTable(await director.snapshot()));
  get(app, 'faults', noQuery, async (): Promise<FaultsResponse> => encodeFaults(await director.faults()));
  get(app, 'status', noQuery, async (): Promise<StatusResponse> => {
    const table = await director.snapshot();
    return {
      info: await info(),
      table: encodeTable(table),
      ...encodeFaults(await director.faults()),
      health: await director.health(),
      drains: await director.drains(),
      drift: director.drift(),
      vrrp: director.vrrp(),
      synchronisation: await readSynchronisation(director, table),
    };
  });
  get(app, 'service', serviceQuery, async ({ key }): Promise<ServiceResponse> => {
    const service = await director.service(key);
    if (service === undefined) {
      throw new ViprError('SERVICE_NOT_FOUND', `The table holds no service ${serviceKey(key)}.`, {
        hint: `GET ${ROUTES.table.path} lists those that it holds.`,
      });
    }
    return encodeService(service);
  });
  get(app, 'connections', connectionsQuery, (query, _request, reply) =>
    sendConnections(director, query, reply),
  );
  post(app, 'operations', operationsRequestSchema, async ({ operations }): Promise<OperationsResponse> => {
    const outcomes = await director.execute(operations);
    return {
      outcomes: outcomes.map((error: OperationOutcome) => (error === undefined ? null : encodeError(error))),
    };
  });
  post(app, 'plan', wantedTableSchema, async (wanted): Promise<ChangesResponse> => {
    return { changes: await director.plan(wanted) };
  });
  post(app, 'apply', wantedTableSchema, async (wanted): Promise<ChangesResponse> => {
    return { changes: await director.apply(wanted) };
  });
  post(app, 'reload', emptyRequestSchema, (): Promise<ReloadResponse> => director.reload());
}
