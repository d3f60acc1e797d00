import type {
  Engine,
  EngineInfo,
  OperationOutcome,
  ServiceFaults,
  ServiceLookup,
} from '../engines/engine.ts';
import type { ConnectionEntry } from '../model/connection.ts';
import { ViprError } from '../model/error.ts';
import type { ServiceHealth } from '../model/health.ts';
import type { Operation } from '../model/operation.ts';
import { type ServiceId, serviceKey } from '../model/service.ts';
import type { TableSnapshot } from '../model/table.ts';
import type { VrrpStatus } from '../model/vrrp-status.ts';
import {
  decodeChanges,
  decodeError,
  decodeFaults,
  decodeJson,
  decodeService,
  decodeSynchronisation,
  decodeTable,
  decodeVrrp,
  encodeWanted,
  list,
  record,
} from './codec.ts';
import type { DirectorAddress } from './director-address.ts';
import type { HttpResponse } from './http-response.ts';
import type { DrainStatus } from './operated-director.ts';
import {
  type DirectorInfo,
  type InfoResponse,
  type OperationsRequest,
  type OperationsResponse,
  type ReloadResponse,
  ROUTES,
  type StatusResponse,
  type Synchronisation,
  type TableChange,
  type WantedTable,
} from './protocol.ts';
import { type ConnectionQuery, queryOf } from './query.ts';
import type { RequestSender } from './request-sender.ts';
import { socketTarget, tcpTarget } from './request-target.ts';
import { Requester } from './requester.ts';

/** Operations of one request, so that one answer never waits for a whole large table. */
const OPERATIONS_PER_REQUEST = 2000;

/** What `vipr status` shows. */
export interface DirectorStatus {
  readonly director: DirectorInfo;
  readonly engine: EngineInfo;
  readonly table: TableSnapshot;
  readonly faults: ServiceFaults;
  /** Absent of directors before there was health; `drains` and `drift`, too. */
  readonly health?: readonly ServiceHealth[];
  readonly drains?: readonly DrainStatus[];
  /** What other programs have changed of the director's services, as of the last look for it. */
  readonly drift?: readonly TableChange[];
  /** Absent of directors before there was VRRP; `synchronisation`, too. */
  readonly vrrp?: VrrpStatus;
  readonly synchronisation?: Synchronisation;
}

/**
 * The engine of a running director, over its control socket. Every method may throw DIRECTOR_NOT_RUNNING,
 * PERMISSION_DENIED, RESPONSE_INVALID, and what the director answers.
 */
export class EngineClient implements Engine {
  protected readonly requester: RequestSender;

  /** The path of a control socket, or where the director listens on TCP. */
  constructor(director: string | DirectorAddress) {
    this.requester = new Requester(
      typeof director === 'string' ? socketTarget(director) : tcpTarget(director),
    );
  }

  async info(): Promise<EngineInfo> {
    return splitInfo(await this.get(ROUTES.info.path)).engine;
  }

  async status(): Promise<DirectorStatus> {
    const body = record<StatusResponse>(await this.get(ROUTES.status.path), 'a status');
    return {
      ...splitInfo(body.info),
      table: decodeTable(body.table),
      faults: decodeFaults(body),
      ...(body.health !== undefined && { health: list(body.health, 'health') }),
      ...(body.drains !== undefined && { drains: list(body.drains, 'drains') }),
      ...(body.drift !== undefined && { drift: list(body.drift, 'drift') }),
      ...(body.vrrp !== undefined && { vrrp: decodeVrrp(body.vrrp) }),
      ...(body.synchronisation !== undefined && {
        synchronisation: decodeSynchronisation(body.synchronisation),
      }),
    };
  }

  async snapshot(): Promise<TableSnapshot> {
    return decodeTable(await this.get(ROUTES.table.path));
  }

  async service(id: ServiceId): Promise<ServiceLookup> {
    const query = queryOf({ key: serviceKey(id) });
    try {
      return decodeService(await this.get(ROUTES.service.path + query));
    } catch (error) {
      if (error instanceof ViprError && error.code === 'SERVICE_NOT_FOUND') return undefined;
      throw error;
    }
  }

  async faults(): Promise<ServiceFaults> {
    return decodeFaults(await this.get(ROUTES.faults.path));
  }

  /** Large batches travel in several requests, one after the other; other clients' operations may come between. */
  async execute(operations: readonly Operation[]): Promise<OperationOutcome[]> {
    const outcomes: OperationOutcome[] = [];
    for (let at = 0; at < operations.length; at += OPERATIONS_PER_REQUEST) {
      outcomes.push(...(await this.#post(operations.slice(at, at + OPERATIONS_PER_REQUEST))));
    }
    return outcomes;
  }

  /** What applying a table would change; nothing is changed. */
  async plan(wanted: WantedTable): Promise<readonly TableChange[]> {
    return decodeChanges(await this.send(ROUTES.plan, encodeWanted(wanted)));
  }

  /** Makes a table that of the director, wholly or not at all, and tells what that changed. Throws APPLY_REFUSED. */
  async apply(wanted: WantedTable): Promise<readonly TableChange[]> {
    return decodeChanges(await this.send(ROUTES.apply, encodeWanted(wanted)));
  }

  /**
   * Has the director apply its configuration file anew. Throws CONFIG_INVALID, CONFIG_UNREADABLE and APPLY_REFUSED, with nothing
   * changed, and USAGE where it has no file.
   */
  async reload(): Promise<ReloadResponse> {
    const body = record<ReloadResponse>(await this.send(ROUTES.reload, {}), 'what a reload changed');
    return { changes: decodeChanges(body), notes: list(body.notes, 'notes') };
  }

  /** The daemons that run, and how those are whose counts the director's engine knows: none of the kernel's. */
  async synchronisation(): Promise<Synchronisation> {
    return decodeSynchronisation(await this.get(ROUTES.sync.path));
  }

  async *connections(filter: ConnectionQuery = {}): AsyncIterable<readonly ConnectionEntry[]> {
    const path = ROUTES.connections.path + queryOf(filter);
    const response = await this.requester.request('GET', path);
    if (response.status !== 200) await readBody(response);
    for await (const line of linesOf(response.body)) {
      yield list(decodeJson(line) as readonly ConnectionEntry[], 'a page of connections');
    }
  }

  /** Closes this client's connections; the director and its engine go on. */
  async close(): Promise<void> {
    this.requester.close();
  }

  protected async get(path: string): Promise<unknown> {
    return readBody(await this.requester.request('GET', path));
  }

  protected async send(
    { method, path }: { readonly method: 'POST'; readonly path: string },
    body: object,
  ): Promise<unknown> {
    return readBody(await this.requester.request(method, path, { body: JSON.stringify(body) }));
  }

  async #post(operations: readonly Operation[]): Promise<OperationOutcome[]> {
    const request: OperationsRequest = { operations };
    const body = await this.send(ROUTES.operations, request);
    const outcomes = list(record<OperationsResponse>(body, 'outcomes').outcomes, 'outcomes');
    if (outcomes.length !== operations.length) {
      throw new ViprError(
        'RESPONSE_INVALID',
        `The director answered ${operations.length} operations with ${outcomes.length} outcomes.`,
      );
    }
    return outcomes.map((outcome) => (outcome === null ? undefined : decodeError(outcome)));
  }
}

function splitInfo(body: unknown): { director: DirectorInfo; engine: EngineInfo } {
  const { director, ...engine } = record<InfoResponse>(body, 'information');
  record(engine.capabilities, 'capabilities');
  return { director: record(director, 'information on the director'), engine };
}

/** The decoded body of an answer; throws the error that it carries where its status is not 200. */
export async function readBody({ status, body }: HttpResponse): Promise<unknown> {
  let text = '';
  for await (const piece of body) text += piece;
  const decoded = decodeJson(text);
  if (status === 200) return decoded;
  throw decodeError(decoded);
}

export async function* linesOf(body: AsyncIterable<string>): AsyncIterable<string> {
  let rest = '';
  for await (const piece of body) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
