import type { z } from 'zod';
import type { ConfigPath } from './config-problem.ts';

/** Told of each rule that is broken: where, and how. */
export type Report = (path: ConfigPath, message: string) => void;

/** What a field says, or undefined where it is not right by itself. */
export function read<S extends z.ZodType>(schema: S, value: unknown): z.output<S> | undefined {
  const result = schema.safeParse(value);
  return result.success ? result.data : undefined;
}
