import type { z } from 'zod';
import type { ConfigPath } from './config-problem.ts';

/**
 * The keys of the mapping at a path, by walking the schema together with the value: of a check, its `type` tells. Empty where the
 * schema has no mapping with keys of its own there.
 */
export function knownKeys(schema: z.ZodType, value: unknown, path: ConfigPath): readonly string[] {
  let found: Parts | undefined = within(schema, value);
  let inner = value;
  for (const step of path) {
    const next: z.ZodType | undefined =
      found?.shape?.[String(step)] ?? found?.def.element ?? found?.def.valueType;
    inner = isMapping(inner) || Array.isArray(inner) ? (inner as Mapping)[step] : undefined;
    if (next === undefined) return [];
    found = within(next, inner);
  }
  return Object.keys(found?.shape ?? {});
}

type Mapping = Readonly<Record<string | number, unknown>>;

/** What zod's own types do not tell of a schema in general: its parts. */
interface Parts {
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly def: {
    readonly type: string;
    readonly innerType?: z.ZodType;
    readonly in?: z.ZodType;
    readonly element?: z.ZodType;
    readonly valueType?: z.ZodType;
    readonly options?: readonly z.ZodType[];
    readonly values?: readonly unknown[];
  };
}

/** A schema without what surrounds it, and of alternatives the one that a value is meant for. */
function within(schema: z.ZodType, value: unknown): Parts | undefined {
  const parts = schema as unknown as Parts;
  const { innerType, options, in: input } = parts.def;
  if (innerType !== undefined) return within(innerType, value);
  if (input !== undefined) return within(input, value);
  if (options === undefined) return parts;
  const meant = options.map((option) => within(option, value)).filter((option) => option !== undefined);
  if (Array.isArray(value)) return meant.find(({ def }) => def.type === 'array');
  return meant.find(({ shape }) => shape !== undefined && (!shape.type || meansType(shape.type, value)));
}

function meansType(type: z.ZodType, value: unknown): boolean {
  const { values } = (type as unknown as Parts).def;
  return isMapping(value) && (values === undefined || values.includes(value.type));
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
