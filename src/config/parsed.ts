import { z } from 'zod';

/** A schema for what `parse` makes of a value; where that is undefined, the value must be `expected`. */
export function parsed<In, Out>(
  schema: z.ZodType<In>,
  parse: (value: In) => Out | undefined,
  expected: string,
) {
  return schema.transform((value, context): Out => {
    const result = parse(value);
    if (result !== undefined) return result;
    context.addIssue({ code: 'custom', message: `must be ${expected}` });
    return z.NEVER;
  });
}
