import { z } from 'zod';
import { operationsRequestSchema } from '../operation-schema.ts';
import { CONNECTIONS_CONTENT_TYPE, EVENTS_CONTENT_TYPE, type RouteName } from '../protocol.ts';
import { explanation } from '../schema/operating-schema.ts';
import {
  connectionsQuery,
  drainRequest,
  eventsQuery,
  explainQuery,
  metricsQuery,
  noQuery,
  restoreRequest,
  serviceQuery,
} from '../schema/request-schema.ts';
import {
  changesResponse,
  configurationResponse,
  connectionsResponse,
  drainsResponse,
  eventsResponse,
  faultsResponse,
  healthResponse,
  infoResponse,
  operationsResponse,
  reloadResponse,
  statusResponse,
} from '../schema/response-schema.ts';
import { syncResponse } from '../schema/sync-schema.ts';
import { serviceResponse, tableResponse, wantedResponse } from '../schema/table-response-schema.ts';
import { vrrpResponse } from '../schema/vrrp-schema.ts';
import { emptyRequestSchema, wantedTableSchema } from '../table-schema.ts';

/** What a route is, takes and answers. */
export interface RouteDescription {
  readonly summary: string;
  readonly query: z.ZodObject;
  readonly body?: z.ZodType;
  /** Of status 200. */
  readonly answer: z.ZodType;
  /** Types of other answers of status 200, with what they are. */
  readonly others?: Readonly<Record<string, string>>;
  /** Statuses of a {@link Problem} besides those that every route has. */
  readonly problems?: readonly number[];
}

/** The type of Prometheus's text format. */
export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export const ROUTE_DESCRIPTIONS: Readonly<Record<RouteName, RouteDescription>> = {
  info: { summary: 'The engine, what it can do, and the director.', query: noQuery, answer: infoResponse },
  status: {
    summary: 'Info, table, faults, health, drains, drift, VRRP and synchronisation.',
    query: noQuery,
    answer: statusResponse,
  },
  table: { summary: 'The whole table, with counts.', query: noQuery, answer: tableResponse },
  service: {
    summary: 'One service with its destinations.',
    query: serviceQuery,
    answer: serviceResponse,
    problems: [404],
  },
  connections: {
    summary: 'The connection table: a page of it with `limit` or `cursor`, else all of it in a stream.',
    query: connectionsQuery,
    answer: connectionsResponse,
    others: { [CONNECTIONS_CONTENT_TYPE]: 'Without `limit` and `cursor`: an array of connections a line.' },
  },
  faults: { summary: 'Services that take no traffic, and why.', query: noQuery, answer: faultsResponse },
  operations: {
    summary: 'Carries operations out, in their order.',
    query: noQuery,
    body: operationsRequestSchema,
    answer: operationsResponse,
    problems: [413, 415],
  },
  plan: {
    summary: 'What applying a table would change.',
    query: noQuery,
    body: wantedTableSchema,
    answer: changesResponse,
    problems: [413, 415],
  },
  apply: {
    summary: 'Makes a table that of the director, wholly or not at all.',
    query: noQuery,
    body: wantedTableSchema,
    answer: changesResponse,
    problems: [409, 413, 415],
  },
  reload: {
    summary: 'Applies the configuration file anew.',
    query: noQuery,
    body: emptyRequestSchema,
    answer: reloadResponse,
    problems: [409, 413, 415],
  },
  wanted: {
    summary: 'The table as it is wanted, whatever checks and drains make of it.',
    query: noQuery,
    answer: wantedResponse,
  },
  configuration: {
    summary: 'The wanted table with checks and settings, as the text of a vipr.yaml.',
    query: noQuery,
    answer: configurationResponse,
  },
  health: { summary: 'How services and destinations are.', query: noQuery, answer: healthResponse },
  vrrp: {
    summary: 'How VRRP is: instances, sync groups and tracked scripts; without any where there is none.',
    query: noQuery,
    answer: vrrpResponse,
  },
  sync: {
    summary:
      'Connection synchronisation: the daemons that run, with their counts where the engine knows them, and those of the configuration.',
    query: noQuery,
    answer: syncResponse,
  },
  drains: {
    summary: 'Destinations that are being drained, or were.',
    query: noQuery,
    answer: drainsResponse,
  },
  drain: {
    summary: 'Takes destinations out of service without cutting connections.',
    query: noQuery,
    body: drainRequest,
    answer: drainsResponse,
    problems: [404, 413, 415],
  },
  restore: {
    summary: 'Undoes drains.',
    query: noQuery,
    body: restoreRequest,
    answer: drainsResponse,
    problems: [404, 413, 415],
  },
  explain: {
    summary: 'Which server a client reaches, and why.',
    query: explainQuery,
    answer: explanation,
    problems: [404],
  },
  events: {
    summary: 'What happened: a list, or with `Accept: text/event-stream` server-sent events.',
    query: eventsQuery,
    answer: eventsResponse,
    others: {
      [EVENTS_CONTENT_TYPE]: 'Events as they happen; `data` is an Event, `id` its `id`, `event` its `kind`.',
    },
    problems: [429],
  },
  openapi: { summary: 'This document.', query: noQuery, answer: z.looseObject({ openapi: z.string() }) },
  metrics: {
    summary: "Metrics in Prometheus's text format.",
    query: metricsQuery,
    answer: z.string(),
    others: { [METRICS_CONTENT_TYPE]: 'Samples.' },
  },
};
