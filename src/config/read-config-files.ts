import { globSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { ConfigInvalidError, type ConfigPath, type ConfigProblem } from './config-problem.ts';
import type { Environment } from './environment-reference.ts';
import { YamlSource } from './yaml-source.ts';

/** More files are taken for a mistake. */
const MOST_FILES = 10_000;

/**
 * A vipr.yaml and those that it includes, itself first, then in the order in which they are named; a pattern's in that of their names.
 * Throws {@link ConfigInvalidError} for mistakes of syntax, and for files that are missing or included more than once.
 */
export function readConfigFiles(text: string, file: string, environment: Environment): readonly YamlSource[] {
  const reader = new IncludeReader(environment);
  reader.read(text, file, []);
  if (reader.problems.length > 0) throw new ConfigInvalidError(reader.problems);
  return reader.sources;
}

class IncludeReader {
  readonly sources: YamlSource[] = [];
  readonly problems: ConfigProblem[] = [];
  readonly #environment: Environment;
  /** By the file's real path: who includes it. */
  readonly #seen = new Map<string, string>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** `including` are the real paths of the files that lead here, the main one first. */
  read(text: string, file: string, including: readonly string[]): void {
    try {
      const source = new YamlSource(text, file, this.#environment);
      this.sources.push(source);
      this.#readIncluded(source, [...including, realPath(file)]);
    } catch (error) {
      if (!(error instanceof ConfigInvalidError)) throw error;
      this.problems.push(...error.problems);
    }
  }

  #readIncluded(source: YamlSource, including: readonly string[]): void {
    for (const { name, path } of includedNames(source.value)) {
      const pattern = /[*?[{]/.test(name);
      const found = pattern ? filesOf(name, source.file) : [resolveName(name, source.file)];
      for (const file of found) {
        // A pattern may well fit the file that it stands in.
        if (pattern && realPath(file) === including.at(-1)) continue;
        this.#readOne(file, source, path, including);
      }
    }
  }

  #readOne(file: string, source: YamlSource, path: ConfigPath, including: readonly string[]): void {
    const problem = this.#refusal(file, source, including) ?? this.#unreadable(file, including);
    if (problem !== undefined) this.problems.push(source.problem(path, problem));
  }

  #refusal(file: string, source: YamlSource, including: readonly string[]): string | undefined {
    const real = realPath(file);
    if (including.includes(real)) return `${file} includes itself, by way of ${source.file}`;
    const before = this.#seen.get(real);
    if (before !== undefined) return `${file} is already included by ${before}`;
    if (this.#seen.size >= MOST_FILES) return `leads to more than ${MOST_FILES} files`;
    this.#seen.set(real, source.file);
    return undefined;
  }

  #unreadable(file: string, including: readonly string[]): string | undefined {
    try {
      // A pipe would never end.
      if (!statSync(file).isFile()) return `${file} is not a file`;
      this.read(readFileSync(file, 'utf8'), file, including);
      return undefined;
    } catch (error) {
      return `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}

/** The names that a file includes, as far as they are such; what is not is for the schema to tell. */
function includedNames(value: unknown): { readonly name: string; readonly path: ConfigPath }[] {
  const given = typeof value === 'object' && value !== null && 'include' in value ? value.include : undefined;
  const names: readonly unknown[] = Array.isArray(given) ? given : [given];
  return names.flatMap((name, index) => {
    if (typeof name !== 'string' || name === '' || name.includes('\0')) return [];
    return [{ name, path: Array.isArray(given) ? ['include', index] : ['include'] }];
  });
}

/** Names are relative to the file that they stand in. */
function resolveName(name: string, file: string): string {
  return isAbsolute(name) ? name : join(dirname(file), name);
}

function filesOf(pattern: string, file: string): string[] {
  const directory = dirname(file);
  return globSync(pattern, { cwd: directory })
    .map((found) => normalize(isAbsolute(found) ? found : join(directory, found)))
    .filter((found) => statSync(found, { throwIfNoEntry: false })?.isFile() === true)
    .toSorted();
}

function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
