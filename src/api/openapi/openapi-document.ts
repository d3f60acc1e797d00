import { z } from 'zod';
import { ROUTES, type RouteName } from '../protocol.ts';
import { components } from '../schema/component.ts';
import { problem } from '../schema/response-schema.ts';
import { ROUTE_DESCRIPTIONS, type RouteDescription } from './route-description.ts';

/** An OpenAPI 3.1.1 description of the control API, made from the schemas that requests are checked with. */
export function openApiDocument(version: string): Record<string, unknown> {
  return {
    openapi: '3.1.1',
    info: {
      title: 'vipr control API',
      version,
      description: 'Fields may be added to answers; readers ignore those that they do not know.',
    },
    servers: [{ url: '/' }],
    security: [{}, { token: [] }],
    paths: paths(),
    components: {
      schemas: schemas(),
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'Over TCP, where the configuration names a token.',
        },
      },
    },
  };
}

const JSON_TYPE = 'application/json';
/** Every route has these. */
const USUAL_PROBLEMS = [400, 401, 403, 421, 500];
const STATUS_TEXTS: Readonly<Record<number, string>> = {
  400: 'The request is not of this form; nothing of it was carried out.',
  401: 'Over TCP: the request does not bring the token.',
  403: 'Over TCP without a token: the API only reads.',
  404: 'There is no such thing.',
  409: 'The table or the configuration does not allow it; nothing was changed.',
  413: 'The body is too large.',
  415: 'The body is not announced as JSON.',
  421: 'Over TCP without a token: the request is for another host.',
  429: 'Too many streams are open.',
  500: 'The director failed.',
};

function paths(): Record<string, unknown> {
  const byPath: Record<string, Record<string, unknown>> = {};
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const { method, path } = ROUTES[name];
    byPath[path] = { ...byPath[path], [method.toLowerCase()]: operation(name, ROUTE_DESCRIPTIONS[name]) };
  }
  return byPath;
}

function operation(name: RouteName, { summary, query, body, answer, others, problems }: RouteDescription) {
  return {
    operationId: name,
    summary,
    ...(Object.keys(query.shape).length > 0 && { parameters: parameters(query) }),
    ...(body !== undefined && {
      requestBody: { required: true, content: { [JSON_TYPE]: { schema: referenceTo(body) } } },
    }),
    responses: {
      200: {
        description: 'Done.',
        content: {
          ...(name !== 'metrics' && { [JSON_TYPE]: { schema: referenceTo(answer) } }),
          ...Object.fromEntries(
            Object.entries(others ?? {}).map(([type, description]) => [
              type,
              { schema: { type: 'string', description } },
            ]),
          ),
        },
      },
      ...Object.fromEntries(
        [...USUAL_PROBLEMS, ...(problems ?? [])].map((status) => [
          status,
          {
            description: STATUS_TEXTS[status] ?? '',
            content: { [JSON_TYPE]: { schema: referenceTo(problem) } },
          },
        ]),
      ),
    },
  };
}

function parameters(query: z.ZodObject): object[] {
  return Object.entries(query.shape).map(([name, schema]) => {
    const { description, ...rest } = inline(schema as z.ZodType);
    return {
      name,
      in: 'query',
      required: (schema as z.ZodType)._zod.optin !== 'optional',
      ...(description !== undefined && { description }),
      schema: rest,
    };
  });
}

/** What has a name is described once, under that. */
function referenceTo(schema: z.ZodType): object {
  const id = components.get(schema)?.id;
  return id === undefined ? inline(schema) : { $ref: referenceOf(id) };
}

function schemas(): Record<string, object> {
  const { schemas: all } = z.toJSONSchema(components, {
    io: 'input',
    unrepresentable: 'any',
    uri: referenceOf,
  });
  return Object.fromEntries(Object.entries(all).map(([id, schema]) => [id, withoutIdentity(schema)]));
}

function inline(schema: z.ZodType): { description?: string } {
  return withoutIdentity(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
}

/** OpenAPI says for all schemas what these would say for each. */
function withoutIdentity({ $schema, $id, ...schema }: z.core.JSONSchema.BaseSchema): {
  description?: string;
} {
  return schema;
}

function referenceOf(id: string): string {
  return `#/components/schemas/${id}`;
}
