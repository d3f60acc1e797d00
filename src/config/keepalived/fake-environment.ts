import { matchesGlob, resolve } from 'node:path';
import type { Config } from '../config.ts';
import { ConfigInvalidError, formatProblem } from '../config-problem.ts';
import type { KeepalivedEnvironment } from './keepalived-environment.ts';
import { parseKeepalivedConfig } from './parse-keepalived-config.ts';

/** A host for tests: named `main`, with files by absolute path, the user `nobody`, and chance that always takes the least. */
export function fakeEnvironment(
  files: Readonly<Record<string, string>> = {},
  more: Partial<KeepalivedEnvironment> = {},
): KeepalivedEnvironment {
  return {
    configId: 'main',
    directory: '/etc/keepalived',
    findFiles: (pattern, directory) =>
      Object.keys(files)
        .filter((path) => matchesGlob(path, resolve(directory, pattern)))
        .sort(),
    readFile: (path) => {
      const text = files[path];
      return text === undefined ? { reason: 'no such file' } : { text };
    },
    variable: (name) => (name === 'HOME' ? '/root' : undefined),
    random: (least) => least,
    userExists: (name) => ['root', 'nobody'].includes(name),
    ...more,
  };
}

/** The configuration of a text as `keepalived.conf`. */
export function parsed(text: string, environment = fakeEnvironment()): Config {
  return parseKeepalivedConfig(text, 'keepalived.conf', environment);
}

/** Errors of a text as `line:column: message`; none where it is good. */
export function errorsOf(text: string, environment = fakeEnvironment()): string[] {
  try {
    parsed(text, environment);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigInvalidError)) throw error;
    return error.problems.map((problem) => formatProblem(problem).replace(/^keepalived\.conf:/, ''));
  }
}

/** Warnings of a text as `line:column: message`. */
export function warningsOf(text: string, environment = fakeEnvironment()): string[] {
  return parsed(text, environment).warnings.map((problem) =>
    formatProblem(problem).replace(/^keepalived\.conf:/, ''),
  );
}
