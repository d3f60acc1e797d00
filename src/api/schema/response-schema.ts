import { z } from 'zod';
import type {
  ChangesResponse,
  ConfigurationResponse,
  ConnectionsResponse,
  DrainsResponse,
  EventsResponse,
  FaultsResponse,
  HealthResponse,
  InfoResponse,
  OperationsResponse,
  Problem,
  ReloadResponse,
  StatusResponse,
} from '../protocol.ts';
import { component } from './component.ts';
import { directorEvent, drainStatus, serviceHealth } from './operating-schema.ts';
import { syncResponse } from './sync-schema.ts';
import { connection, tableResponse } from './table-response-schema.ts';
import { count, destinationKeyText, serviceKeyText, time } from './value-schema.ts';
import { vrrpResponse } from './vrrp-schema.ts';

/** What the routes answer. Fields may be added within a version of the protocol; readers ignore those that they do not know. */

const family = z.enum(['inet', 'inet6']);

export const infoResponse = component(
  'Info',
  z.object({
    name: z.enum(['ipvs', 'ebpf', 'relay', 'memory']),
    version: z.string(),
    connectionTableSize: count,
    capabilities: z.object({
      forwarding: z.array(z.enum(['masquerade', 'direct', 'tunnel', 'local', 'bypass'])),
      protocols: z.array(z.enum(['tcp', 'udp', 'sctp'])),
      families: z.array(family),
      schedulers: z.array(z.string()),
      fwmark: z.boolean(),
      anyPort: z.boolean(),
      persistenceEngines: z.array(z.string()),
      syncDaemon: z.boolean(),
      proxyProtocol: z.boolean(),
    }),
    attachments: z
      .array(
        z.object({
          interface: z.string(),
          xdp: z.enum(['native', 'generic']).exactOptional(),
          tc: z.enum(['tcx', 'clsact']),
          note: z.string(),
        }),
      )
      .exactOptional(),
    director: z.object({
      pid: count,
      version: z.string(),
      startedAt: time,
      engineReason: z.string(),
      configFile: z.string().exactOptional(),
    }),
  }),
) satisfies z.ZodType<InfoResponse>;

const faults = z.record(serviceKeyText as unknown as z.ZodString, z.string()) as unknown as z.ZodType<
  FaultsResponse['faults']
>;
export const faultsResponse = component('Faults', z.object({ faults })) satisfies z.ZodType<FaultsResponse>;

const errorBody = component(
  'Error',
  z.object({
    code: z.string(),
    message: z.string(),
    errno: z.string().exactOptional(),
    hint: z.string().exactOptional(),
  }),
);
export const problem = component(
  'Problem',
  errorBody.extend({ fields: z.array(z.object({ path: z.string(), message: z.string() })).exactOptional() }),
) satisfies z.ZodType<Problem>;

export const operationsResponse = component(
  'Outcomes',
  z.object({ outcomes: z.array(errorBody.nullable()) }),
) satisfies z.ZodType<OperationsResponse>;

const change = component(
  'Change',
  z.object({
    action: z.enum(['add', 'change', 'remove']),
    service: serviceKeyText.exactOptional(),
    destination: destinationKeyText.exactOptional(),
    fields: z.array(
      z.object({
        field: z.string(),
        before: z.string().exactOptional(),
        after: z.string().exactOptional(),
      }),
    ),
  }),
);
export const changesResponse = component(
  'Changes',
  z.object({ changes: z.array(change) }),
) satisfies z.ZodType<ChangesResponse>;
export const reloadResponse = component(
  'Reloaded',
  changesResponse.extend({ notes: z.array(z.string()) }),
) satisfies z.ZodType<ReloadResponse>;

export const healthResponse = component(
  'Health',
  z.object({ services: z.array(serviceHealth) }),
) satisfies z.ZodType<HealthResponse>;
export const configurationResponse = component(
  'Configuration',
  z.object({ yaml: z.string() }),
) satisfies z.ZodType<ConfigurationResponse>;

export const drainsResponse = component(
  'Drains',
  z.object({ drains: z.array(drainStatus) }),
) satisfies z.ZodType<DrainsResponse>;
export const eventsResponse = component(
  'Events',
  z.object({ events: z.array(directorEvent) }),
) satisfies z.ZodType<EventsResponse>;

export const connectionsResponse = component(
  'Connections',
  z.object({ connections: z.array(connection), next: z.string().exactOptional() }),
) satisfies z.ZodType<ConnectionsResponse>;

export const statusResponse = component(
  'Status',
  z.object({
    info: infoResponse,
    table: tableResponse,
    faults,
    health: z.array(serviceHealth),
    drains: z.array(drainStatus),
    drift: z.array(change),
    vrrp: vrrpResponse,
    synchronisation: syncResponse,
  }),
) satisfies z.ZodType<StatusResponse>;
