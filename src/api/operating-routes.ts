import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { VrrpStatus } from '../model/vrrp-status.ts';
import { encodeWanted } from './codec.ts';
import { type EventStreams, eventsAfter, lastEventId, wantsStream } from './events/event-stream.ts';
import { metricStateOf } from './metrics/metric-state.ts';
import { writeMetrics } from './metrics/write-metrics.ts';
import { openApiDocument } from './openapi/openapi-document.ts';
import { METRICS_CONTENT_TYPE } from './openapi/route-description.ts';
import type {
  ConfigurationResponse,
  DrainsResponse,
  EventsResponse,
  HealthResponse,
  Synchronisation,
} from './protocol.ts';
import { readSynchronisation } from './read-synchronisation.ts';
import { get, post } from './route.ts';
import {
  drainRequest,
  eventsQuery,
  explainQuery,
  type MetricGroup,
  metricsQuery,
  noQuery,
  restoreRequest,
} from './schema/request-schema.ts';
import type { ControlledDirector } from './server.ts';

/** The routes by which a director is watched and operated. */
export function registerOperatingRoutes(
  app: FastifyInstance,
  director: ControlledDirector,
  streams: EventStreams,
): void {
  get(app, 'wanted', noQuery, async () => encodeWanted(await director.wanted()));
  get(app, 'configuration', noQuery, async (): Promise<ConfigurationResponse> => {
    return { yaml: await director.configuration() };
  });
  get(app, 'health', noQuery, async (): Promise<HealthResponse> => ({ services: await director.health() }));
  get(app, 'vrrp', noQuery, async (): Promise<VrrpStatus> => director.vrrp());
  get(app, 'sync', noQuery, async (): Promise<Synchronisation> => {
    return readSynchronisation(director, await director.snapshot());
  });
  get(app, 'drains', noQuery, async (): Promise<DrainsResponse> => ({ drains: await director.drains() }));
  post(app, 'drain', drainRequest, async (request): Promise<DrainsResponse> => {
    return { drains: await director.drain(request) };
  });
  post(app, 'restore', restoreRequest, async (selection): Promise<DrainsResponse> => {
    return { drains: await director.restore(selection) };
  });
  get(app, 'explain', explainQuery, ({ client, service }) => director.explain(client, service));
  // Events count from now on, not from the first scrape.
  metricStateOf(director);
  let document: Record<string, unknown> | undefined;
  get(app, 'openapi', noQuery, async () => {
    document ??= openApiDocument(director.describe().version);
    return document;
  });
  get(app, 'metrics', metricsQuery, (query, _request, reply) =>
    sendMetrics(director, query['collect[]'], reply),
  );
  get(app, 'events', eventsQuery, async ({ after = 0 }, { raw }, reply) => {
    if (wantsStream(raw)) return stream(streams, lastEventId(raw) ?? after, reply);
    const answer: EventsResponse = { events: eventsAfter(director, after) };
    return answer;
  });
}

/** From here on the answer is the stream's. */
function stream(streams: EventStreams, after: number, reply: FastifyReply): FastifyReply {
  streams.open(reply.raw, after);
  return reply.hijack();
}

/** A director that cannot be read is answered with a status, since the first piece is there only afterwards. */
async function sendMetrics(
  director: ControlledDirector,
  groups: readonly MetricGroup[] | undefined,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const pieces = writeMetrics(director, groups)[Symbol.asyncIterator]();
  const first = await pieces.next();
  async function* all(): AsyncIterable<string> {
    if (first.done) return;
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => pieces };
  }
  return reply.type(METRICS_CONTENT_TYPE).send(Readable.from(all(), { objectMode: false }));
}
