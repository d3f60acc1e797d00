import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

/** The checkout's directory. */
export const CHECKOUT = resolve(import.meta.dirname, '../..');

/** One file of the project's own TypeScript or JavaScript. */
export interface SourceFile {
  /** Relative to the checkout: `src/model/unit.ts`. */
  readonly path: string;
  readonly text: string;
  readonly isTest: boolean;
  readonly imports: readonly Import[];
}

export interface Import {
  /** As written: `./unit.ts`, `node:net`, `zod/v4`. */
  readonly specifier: string;
  /** Counted from 1. */
  readonly line: number;
  /** Relative to the checkout, for relative imports only. */
  readonly target?: string;
}

/** Every source file below a folder of the checkout, by path; none where the folder does not exist. */
export function sourceFiles(folder: string): readonly SourceFile[] {
  return entries(folder)
    .filter((path) => /\.(ts|mjs)$/.test(path))
    .sort()
    .map(readSource);
}

/** The imports of a text, static and dynamic, and `export … from`. */
export function importsOf(path: string, text: string): readonly Import[] {
  return [...text.matchAll(STATEMENT), ...text.matchAll(CALL)].map((match) => {
    const specifier = match[1] ?? '';
    const line = text.slice(0, match.index + match[0].length).split('\n').length;
    if (!specifier.startsWith('.')) return { specifier, line };
    return { specifier, line, target: relative(CHECKOUT, resolve(CHECKOUT, path, '..', specifier)) };
  });
}

/** `import 'x'`, `import … from 'x'`, `export … from 'x'` at the start of a statement; a quote or `;` ends the search. */
const STATEMENT = /(?:^|;)[ \t]*(?:import|export)\b(?:[^'"`;]*?\bfrom\b)?\s*['"]([^'"\n]+)['"]/gm;
/** `import('x')` of values and of types, and `require('x')`, anywhere but in comment lines. */
const CALL = /^(?![ \t]*(?:\*|\/\/)).*?(?<![\w.])(?:import|require)\(\s*['"]([^'"\n]+)['"]/gm;

function readSource(path: string): SourceFile {
  const text = readFileSync(join(CHECKOUT, path), 'utf8');
  return { path, text, isTest: path.endsWith('.test.ts'), imports: importsOf(path, text) };
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(join(CHECKOUT, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      [folder, ...name.split(sep)].join('/'),
    );
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
