import { z } from 'zod';

/** What the reference says of a field of vipr.yaml, in Markdown; links are relative to docs/reference. */
export interface FieldDoc {
  /** What it takes, and what that does. */
  readonly value: string;
  /** `key: value`, as it may stand in a file. */
  readonly example: string;
  /** Where the schema does not tell the default. */
  readonly preset?: string;
}

/** Documentation of the schema's fields: the reference and the JSON Schema are made of it. */
export const fieldDocs = z.registry<FieldDoc>();

/** Documents a schema as a field; it has to be an instance of its own. */
export function field<S extends z.ZodType>(schema: S, value: string, example: string, preset?: string): S {
  fieldDocs.add(schema, { value, example, ...(preset !== undefined && { preset }) });
  return schema;
}

/** What the reference says of the default of a field. */
export function presetOf(schema: z.ZodType): string {
  const preset = fieldDocs.get(schema)?.preset;
  if (preset !== undefined) return preset;
  const result = schema.safeParse(undefined);
  if (!result.success) return 'required';
  if (result.data === undefined) return 'none';
  return `\`${typeof result.data === 'string' ? result.data : JSON.stringify(result.data)}\``;
}
