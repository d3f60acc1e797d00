import type { FastifyInstance, FastifyReply } from 'fastify';
import { type EventStreams, eventsAfter, lastEventId, wantsStream } from './events/event-stream.ts';
import type { OperatedDirector } from './operated-director.ts';
import type { DrainsResponse, EventsResponse, HealthResponse } from './protocol.ts';
import { get, post } from './route.ts';
import { drainRequest, eventsQuery, explainQuery, noQuery, restoreRequest } from './schema/request-schema.ts';

/** The routes by which a director is watched and operated. */
export function registerOperatingRoutes(
  app: FastifyInstance,
  director: OperatedDirector,
  streams: EventStreams,
): void {
  get(app, 'wanted', noQuery, () => director.wanted());
  get(app, 'health', noQuery, async (): Promise<HealthResponse> => ({ services: await director.health() }));
  get(app, 'drains', noQuery, async (): Promise<DrainsResponse> => ({ drains: await director.drains() }));
  post(app, 'drain', drainRequest, async (request): Promise<DrainsResponse> => {
    return { drains: await director.drain(request) };
  });
  post(app, 'restore', restoreRequest, async (selection): Promise<DrainsResponse> => {
    return { drains: await director.restore(selection) };
  });
  get(app, 'explain', explainQuery, ({ client, service }) => director.explain(client, service));
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
