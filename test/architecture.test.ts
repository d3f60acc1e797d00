import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { findCycle } from './project/find-cycle.ts';
import { CHECKOUT, type SourceFile, sourceFiles } from './project/source-file.ts';

/** What a folder of src/ may import of the others, and why no more. Entries are folders, or single files of one. */
interface FolderRule {
  readonly may: readonly string[];
  /** More, for single files of the folder. */
  readonly files?: Readonly<Record<string, readonly string[]>>;
  readonly packages: readonly string[];
  readonly why: string;
}

const RULES: Readonly<Record<string, FolderRule>> = {
  model: {
    may: [],
    packages: ['ipaddr.js'],
    why: 'the table is pure data, which everything else is about',
  },
  scheduling: {
    may: ['model'],
    packages: [],
    why: 'a scheduler is a pure function over destinations: any engine can run it, and tests take it as the reference',
  },
  system: {
    may: [],
    packages: ['koffi'],
    why: 'it is the only door to the operating system, and knows nothing of load balancing',
  },
  netlink: {
    may: ['system'],
    packages: [],
    why: 'it is messages and attributes, of use to any program, and knows nothing of load balancing',
  },
  engines: {
    may: ['model', 'scheduling', 'system', 'netlink', 'sync'],
    packages: [],
    why: 'an engine carries out operations; it does not know who asks for them',
  },
  ipvsadm: {
    may: ['model', 'engines/engine.ts'],
    files: {
      'run-on-director.ts': ['api/client.ts', 'api/socket-path.ts', 'engines/ipvs/open-ipvs-engine.ts'],
    },
    packages: [],
    why: 'its commands work against any engine, and it starts fast because it loads nothing else',
  },
  config: {
    may: ['model'],
    packages: ['yaml', 'zod'],
    why: 'configuration is read into the model; what becomes of it is the business of the director',
  },
  health: {
    may: ['model', 'system', 'netlink'],
    packages: ['dns-packet'],
    why: 'it finds out how servers are, and says what table follows from that; the director carries it out',
  },
  sync: {
    may: ['model', 'system'],
    packages: [],
    why: 'it carries connections from director to director, whatever engine they come from',
  },
  vrrp: {
    may: ['model', 'system', 'netlink'],
    packages: [],
    why: 'it elects a master among directors, and knows nothing of what they balance',
  },
  api: {
    may: ['model', 'engines/engine.ts'],
    packages: ['fastify', 'pino', 'prom-client', 'yaml', 'zod'],
    why: 'it is an engine over a socket: the contract is all that client and server share with the engine behind',
  },
  director: {
    may: ['model', 'config', 'engines', 'api', 'health', 'scheduling', 'system', 'vrrp'],
    packages: ['fastify', 'pino'],
    why: 'it joins configuration, API, engine and VRRP; nothing below it knows it',
  },
  realserver: {
    may: ['model', 'netlink', 'system'],
    packages: ['zod'],
    why: 'it prepares a host that no director runs on, and knows of tables and engines nothing but addresses',
  },
  commands: {
    may: ['model', 'config', 'engines', 'api', 'director', 'ipvsadm', 'realserver', 'system'],
    packages: ['commander', 'fastify', 'pino'],
    why: 'the subcommands sit on top: they start and ask, and nothing imports them',
  },
};

/** What any folder may import: the name and version of the package. */
const ANYWHERE = ['package.json'];
/** Of tests only: what they import besides is free. */
const TEST_PACKAGES = ['fast-check'];
const LONGEST = 500;

const source = sourceFiles('src');
const product = source.filter(({ isTest }) => !isTest);
const everything = [
  ...source,
  ...['test', 'bench', 'demo', 'scripts'].flatMap((folder) => sourceFiles(folder)),
];

describe('architecture', () => {
  it('knows every folder of src/', () => {
    const unknown = new Set(
      source.map((file) => folderOf(file)).filter((folder) => folder !== '' && !Object.hasOwn(RULES, folder)),
    );
    report([...unknown].map((folder) => `src/${folder}/ has no rule: add one to RULES, with its reason`));
  });

  it('lets folders import only what their rule names', () => {
    report(product.flatMap(forbiddenImports));
  });

  it('has no import cycles between folders', () => {
    for (const depth of [1, 2]) {
      const cycle = findCycle(folderGraph(depth));
      assert.equal(cycle, undefined, `these folders import one another in a circle: ${cycle?.join(' -> ')}`);
    }
  });

  it('takes third-party packages only where their rule names them', () => {
    report(source.flatMap(forbiddenPackages));
  });

  it('imports files that exist, by their whole name, inside the checkout', () => {
    report(
      everything.flatMap((file) =>
        file.imports.flatMap(({ specifier, line, target }) => {
          if (target === undefined) return [];
          if (target.startsWith('..'))
            return [`${file.path}:${line} imports ${specifier}: outside the checkout`];
          return existsSync(join(CHECKOUT, target))
            ? []
            : [`${file.path}:${line} imports ${specifier}: no such file`];
        }),
      ),
    );
  });

  it('names no path outside the checkout', () => {
    report(everything.flatMap(pathsOutside));
  });

  it(`has no file of more than ${LONGEST} lines, tests aside`, () => {
    report(
      everything
        .filter(({ isTest }) => !isTest)
        .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
        .filter(({ lines }) => lines > LONGEST)
        .map(({ path, lines }) => `${path} has ${lines} lines: part it by its ideas`),
    );
  });
});

function report(faults: readonly string[]): void {
  assert.ok(faults.length === 0, `\n  ${faults.join('\n  ')}\n`);
}

function forbiddenImports(file: SourceFile): readonly string[] {
  const folder = folderOf(file);
  const rule = RULES[folder];
  // src/index.ts, the library's door, and unknown folders, which another test reports.
  if (rule === undefined) return [];
  const more = rule.files?.[relative(`src/${folder}`, file.path)] ?? [];
  const allowed = [...[folder, ...rule.may, ...more].map((entry) => `src/${entry}`), ...ANYWHERE];
  return file.imports
    .filter(({ target }) => target !== undefined && !allowed.some((entry) => isWithin(target, entry)))
    .map(
      ({ specifier, line }) =>
        `${file.path}:${line} imports ${specifier}: ${folder} may import ${rule.may.join(', ') || 'nothing'}, because ${rule.why}`,
    );
}

function forbiddenPackages(file: SourceFile): readonly string[] {
  const rule = RULES[folderOf(file)];
  if (rule === undefined) return [];
  const allowed = file.isTest ? [...rule.packages, ...TEST_PACKAGES] : rule.packages;
  return file.imports
    .filter(({ specifier, target }) => target === undefined && !specifier.startsWith('node:'))
    .filter(({ specifier }) => !allowed.includes(packageOf(specifier)))
    .map(
      ({ specifier, line }) =>
        `${file.path}:${line} imports ${specifier}: src/${folderOf(file)}/ takes ${allowed.join(', ') || 'no package'}`,
    );
}

/** String literals that begin with `../` and, from where the file lies, lead out of the checkout. */
function pathsOutside({ path, text }: SourceFile): readonly string[] {
  return [...text.matchAll(/['"`]((?:\.\.\/)+[\w.-][^'"`\n]*)['"`]/g)]
    .filter(([, literal]) =>
      relative(CHECKOUT, resolve(CHECKOUT, path, '..', literal ?? '')).startsWith('..'),
    )
    .map(([literal]) => `${path} names ${literal}, outside the checkout: the project has to stand alone`);
}

/** Who imports whom among folders, `depth` names deep: 1 for `model`, 2 for `engines/relay`. */
function folderGraph(depth: number): ReadonlyMap<string, ReadonlySet<string>> {
  const graph = new Map<string, Set<string>>();
  for (const file of product) {
    const from = folderOf(file, depth);
    for (const { target } of file.imports) {
      if (target === undefined) continue;
      const to = folderOf({ path: target }, depth);
      // A folder and what it contains are one.
      if (isWithin(from, to) || isWithin(to, from)) continue;
      graph.set(from, (graph.get(from) ?? new Set()).add(to));
    }
  }
  return graph;
}

/** `model` of src/model/unit.ts; empty for src/index.ts. */
function folderOf({ path }: Pick<SourceFile, 'path'>, depth = 1): string {
  return path.split('/').slice(1, -1).slice(0, depth).join('/');
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
