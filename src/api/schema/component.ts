import { z } from 'zod';

/** The schemas that the OpenAPI document has by name. */
export const components = z.registry<{ id: string }>();

/** Gives a schema a name in the OpenAPI document. */
export function component<S extends z.ZodType>(id: string, schema: S): S {
  components.add(schema, { id });
  return schema;
}
