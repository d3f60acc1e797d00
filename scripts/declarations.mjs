import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { checkout, ScriptError } from './checkout.mjs';
import { DOORS } from './doors.mjs';

const OUTPUT = `${checkout}/dist/types`;
const COMPILER = `${checkout}/node_modules/typescript/bin/tsc`;
const OPTIONS = [
  ...['--ignoreConfig', '--target', 'esnext', '--module', 'nodenext', '--lib', 'esnext', '--types', 'node'],
  ...['--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', '--allowImportingTsExtensions'],
  ...['--resolveJsonModule', '--declaration', '--emitDeclarationOnly', '--rootDir', 'src'],
];

/** Writes dist/types: the declarations of the library's doors, and of the modules that those name. `npm pack` wants them. */
export function declarations() {
  if (!existsSync(COMPILER) && existsSync(OUTPUT)) return;
  mkdirSync(dirname(OUTPUT), { recursive: true });
  const work = mkdtempSync(`${OUTPUT}-`);
  try {
    compile(`${work}/all`);
    for (const [path, text] of reachable(
      `${work}/all`,
      DOORS.map((door) => `${door}.d.ts`),
    )) {
      mkdirSync(dirname(`${work}/types/${path}`), { recursive: true });
      writeFileSync(`${work}/types/${path}`, text);
    }
    rmSync(OUTPUT, { recursive: true, force: true });
    renameSync(`${work}/types`, OUTPUT);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function compile(directory) {
  if (!existsSync(COMPILER)) {
    throw new ScriptError(
      'typescript is not installed, and dist/types has yet to be built: run npm ci --include=dev',
    );
  }
  const args = [COMPILER, ...OPTIONS, '--outDir', directory, ...DOORS.map((door) => `src/${door}.ts`)];
  const { status } = spawnSync(process.execPath, args, { cwd: checkout, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new ScriptError('the declarations cannot be built; the reasons are above');
}

/**
 * The text of declaration files and of those they lead to, by path. Imports are made to end in `.js`, as those of
 * published declarations do: the compiler leaves them as the sources have them.
 */
function reachable(directory, starts) {
  const found = new Map();
  const visit = (path) => {
    if (found.has(path)) return;
    const text = readFileSync(`${directory}/${path}`, 'utf8');
    found.set(path, text.replace(/((?:from |import\()['"])(\.{1,2}\/[^'"]+)\.ts(?=['"])/g, '$1$2.js'));
    for (const [, , target] of text.matchAll(/(from |import\()['"](\.{1,2}\/[^'"]+)\.ts['"]/g)) {
      visit(relative(directory, join(directory, dirname(path), `${target}.d.ts`)));
    }
  };
  for (const start of starts) visit(start);
  return found;
}
