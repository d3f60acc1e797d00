import type { z } from 'zod';
import type { ConfigPath, ConfigProblem } from './config-problem.ts';
import { KNOWN_KEYS } from './config-schema.ts';
import { nearest } from './nearest.ts';
import { checkService, destinationKeyOf, serviceKeyOf } from './service-rules.ts';
import type { YamlSource } from './yaml-source.ts';

/** Everything that is wrong with the values of a file: what the schema found, broken rules, and duplicates. */
export function findProblems(source: YamlSource, issues: readonly z.core.$ZodIssue[]): ConfigProblem[] {
  const problems = issues.flatMap((issue) => problemsOfIssue(source, issue));
  const report = (path: ConfigPath, message: string) => problems.push(source.problem(path, message));
  const services = listAt(source.value, 'services');
  services.forEach((service, index) => {
    checkService(service, ['services', index], report);
    const path = ['services', index, 'destinations'];
    checkUnique(source, listAt(service, 'destinations').map(destinationKeyOf), path, 'address', problems);
  });
  checkUnique(source, services.map(serviceKeyOf), ['services'], 'service', problems);
  return problems;
}

function problemsOfIssue(source: YamlSource, issue: z.core.$ZodIssue): ConfigProblem[] {
  const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => source.keyProblem([...path, key], unknownKey(key, path)));
  }
  const value = valueAt(source.value, path);
  const message =
    value === undefined ? `is missing: it ${issue.message}` : `${issue.message}, not ${show(value)}`;
  return [source.problem(path, message)];
}

function unknownKey(key: string, path: ConfigPath): string {
  const place = path.map((step) => (typeof step === 'number' ? '[]' : step)).join('.');
  const known = KNOWN_KEYS[place] ?? [];
  const meant = nearest(key, known);
  return meant === undefined
    ? `is not a key here; there are ${known.join(', ')}`
    : `is not a key here; did you mean ${meant}?`;
}

/** Reports every key but the first of its kind. */
function checkUnique(
  source: YamlSource,
  keys: readonly (string | undefined)[],
  path: ConfigPath,
  field: string,
  problems: ConfigProblem[],
): void {
  const seen = new Map<string, number>();
  keys.forEach((key, index) => {
    if (key === undefined) return;
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, index);
      return;
    }
    const line = source.lineOf([...path, first, field]);
    problems.push(source.problem([...path, index, field], `${key} is already given in line ${line}`));
  });
}

function listAt(value: unknown, key: string): readonly unknown[] {
  const found = valueAt(value, [key]);
  return Array.isArray(found) ? found : [];
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
  if (typeof value === 'object' && value !== null) return 'a mapping';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
