import type { ServiceHealth } from '../model/health.ts';
import type { ServiceId } from '../model/service.ts';
import type { Table } from '../model/table.ts';
import type { VrrpStatus } from '../model/vrrp-status.ts';
import { decodeVrrp, list, record, text } from './codec.ts';
import { EngineClient, readBody } from './engine-client.ts';
import { type FollowOptions, followEvents } from './follow-events.ts';
import type {
  DestinationSelection,
  DirectorEvent,
  DrainRequest,
  DrainStatus,
  Explanation,
} from './operated-director.ts';
import {
  type ConfigurationResponse,
  type ConnectionsResponse,
  type DrainsResponse,
  type EventsResponse,
  type HealthResponse,
  ROUTES,
} from './protocol.ts';
import { type ConnectionQuery, queryOf } from './query.ts';
import { readText } from './read-text.ts';

export type { DirectorStatus } from './engine-client.ts';

/** Which page of the connection table is asked for. */
export interface ConnectionPageQuery extends ConnectionQuery {
  /** Entries, 1 to 10,000; 1,000 where it is absent. */
  readonly limit?: number;
  /** `next` of the page before; absent for the first one. */
  readonly cursor?: string;
}

/**
 * A running director, by the path of its control socket, or over TCP. It is an engine too. Every method may throw
 * DIRECTOR_NOT_RUNNING, PERMISSION_DENIED, RESPONSE_INVALID, and what the director answers.
 */
export class DirectorClient extends EngineClient {
  /** The table as it is wanted, whatever checks and drains make of it at the moment. */
  async wanted(): Promise<Table> {
    const table = record<Table>(await this.get(ROUTES.wanted.path), 'a table');
    return { services: list(table.services, 'services'), timeouts: record(table.timeouts, 'timeouts') };
  }

  /** The wanted table with all that the configuration file says besides, as the text of a vipr.yaml. */
  async configuration(): Promise<string> {
    const { yaml } = record<ConfigurationResponse>(
      await this.get(ROUTES.configuration.path),
      'a configuration',
    );
    return text(yaml, 'the text of a configuration');
  }

  async health(): Promise<readonly ServiceHealth[]> {
    const { services } = record<HealthResponse>(await this.get(ROUTES.health.path), 'health');
    return list(services, 'services');
  }

  /** How VRRP is; without instances where the configuration has none. */
  async vrrp(): Promise<VrrpStatus> {
    return decodeVrrp(await this.get(ROUTES.vrrp.path));
  }

  /** Drains that run or ended, until they are restored. */
  async drains(): Promise<readonly DrainStatus[]> {
    return decodeDrains(await this.get(ROUTES.drains.path));
  }

  /** Takes destinations out of service without cutting connections. Throws DESTINATION_NOT_FOUND where nothing matches. */
  async drain(request: DrainRequest): Promise<readonly DrainStatus[]> {
    return decodeDrains(await this.send(ROUTES.drain, request));
  }

  /** Undoes drains. Throws DESTINATION_NOT_FOUND where nothing matches. */
  async restore(selection: DestinationSelection): Promise<readonly DrainStatus[]> {
    return decodeDrains(await this.send(ROUTES.restore, selection));
  }

  /** Which server a client's next packet reaches, and why. Throws SERVICE_NOT_FOUND. */
  async explain(client: Explanation['client'], service: ServiceId): Promise<Explanation> {
    const body = await this.get(ROUTES.explain.path + queryOf({ client, service }));
    const explanation = record<Explanation>(body, 'an explanation');
    list(explanation.reasons, 'reasons');
    list(explanation.candidates, 'candidates');
    return explanation;
  }

  /** Events after the one with this id, as far as the director remembers them: the last 1,000. */
  async events(after = 0): Promise<readonly DirectorEvent[]> {
    const body = record<EventsResponse>(await this.get(ROUTES.events.path + queryOf({ after })), 'events');
    return list(body.events, 'events');
  }

  /**
   * Events after the one with this id, and then those that happen. Where the connection is lost it is made anew, and what happened
   * meanwhile is told first, until this client is closed. Throws where the director does not answer at the beginning.
   */
  followEvents(after = 0, options: FollowOptions = {}): AsyncIterable<DirectorEvent> {
    return followEvents(this.requester, after, options);
  }

  /** A page of the connection table, in an order that stays; `connections` gives all of it. */
  async connectionPage(query: ConnectionPageQuery = {}): Promise<ConnectionsResponse> {
    const body = await this.get(ROUTES.connections.path + queryOf({ limit: 1000, ...query }));
    const page = record<ConnectionsResponse>(body, 'a page of connections');
    list(page.connections, 'connections');
    return page;
  }

  /** Metrics in Prometheus's text format; of some groups (`ipvs`, `services`, …) where they are named. */
  async metrics(groups: readonly string[] = []): Promise<string> {
    const query = groups.map((group) => `collect[]=${encodeURIComponent(group)}`).join('&');
    const response = await this.requester.request('GET', `${ROUTES.metrics.path}${query && `?${query}`}`);
    if (response.status !== 200) await readBody(response);
    return readText(response.body);
  }

  /** The OpenAPI document of the control API. */
  async openApi(): Promise<object> {
    return record(await this.get(ROUTES.openapi.path), 'a document');
  }
}

function decodeDrains(body: unknown): readonly DrainStatus[] {
  return list(record<DrainsResponse>(body, 'drains').drains, 'drains');
}
