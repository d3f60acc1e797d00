import type { z } from 'zod';
import { isMapping } from './config-layout.ts';
import type { ConfigPath, ConfigProblem } from './config-problem.ts';
import { configSchema, includedSchema } from './config-schema.ts';
import { knownKeys } from './known-keys.ts';
import { nearest } from './nearest.ts';
import type { YamlSource } from './yaml-source.ts';

/** What a schema found wrong in one of the files, the main one or one that it includes. */
export function findProblems(
  source: YamlSource,
  issues: readonly z.core.$ZodIssue[],
  included: boolean,
): ConfigProblem[] {
  const { value } = source;
  return issues.flatMap((issue) => problemsOfIssue(issue, []));

  function problemsOfIssue(issue: z.core.$ZodIssue, base: ConfigPath): ConfigProblem[] {
    const path = [...base, ...issue.path.map((key) => (typeof key === 'number' ? key : String(key)))];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) =>
        source.keyProblem([...path, key], unknownKey(key, path, value, included)),
      );
    }
    if (issue.code === 'invalid_key') {
      return issue.issues.map(({ message }) => source.keyProblem(path, message));
    }
    const found = valueAt(value, path);
    if (issue.code === 'invalid_union') {
      const meant = meantOption(issue.errors);
      if (meant !== undefined) return meant.flatMap((inner) => problemsOfIssue(inner, path));
    }
    const message =
      found === undefined ? `is missing: it ${issue.message}` : `${issue.message}, not ${show(found)}`;
    return [source.problem(path, message)];
  }
}

/** The alternative that takes the kind of value that is there; undefined where none does, or more than one. */
function meantOption(
  options: readonly (readonly z.core.$ZodIssue[])[],
): readonly z.core.$ZodIssue[] | undefined {
  const fitting = options.filter((issues) =>
    issues.every(
      ({ code, path }) => path.length > 0 || (code !== 'invalid_type' && code !== 'invalid_value'),
    ),
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}

function unknownKey(key: string, path: ConfigPath, value: unknown, included: boolean): string {
  if (included && path.length === 0 && Object.hasOwn(configSchema.shape, key)) {
    return `belongs into the main file; a file that it includes has ${Object.keys(includedSchema.shape).join(', ')}`;
  }
  const known = knownKeys(included ? includedSchema : configSchema, value, path);
  const meant = nearest(key, known);
  return meant === undefined
    ? `is not a key here; there are ${known.join(', ')}`
    : `is not a key here; did you mean ${meant}?`;
}

function valueAt(value: unknown, path: ConfigPath): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = (found as Readonly<Record<string | number, unknown>>)[key];
  }
  return found;
}

function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (isMapping(value)) return 'a mapping';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
