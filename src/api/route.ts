import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { requestInvalid } from './problem.ts';
import { ROUTES, type RouteName } from './protocol.ts';
import { noQuery } from './schema/request-schema.ts';

/** Answers a route that reads, with its parameters checked. */
export function get<S extends z.ZodType>(
  app: FastifyInstance,
  name: RouteName,
  schema: S,
  answer: (query: z.output<S>, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
): void {
  app.get(ROUTES[name].path, async (request, reply) => {
    const query = schema.safeParse(request.query);
    if (!query.success) throw requestInvalid(query.error, 'parameters');
    return answer(query.data, request, reply);
  });
}

/** Answers a route that changes something, with its body checked; no body is an empty one. It takes no parameters. */
export function post<S extends z.ZodType>(
  app: FastifyInstance,
  name: RouteName,
  schema: S,
  answer: (body: z.output<S>) => Promise<unknown>,
): void {
  app.post(ROUTES[name].path, async (request) => {
    const query = noQuery.safeParse(request.query);
    if (!query.success) throw requestInvalid(query.error, 'parameters');
    const body = schema.safeParse(request.body ?? {});
    if (!body.success) throw requestInvalid(body.error);
    return answer(body.data);
  });
}
