import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { enterOwnNetwork } from '../netlink/own-network.ts';
import { CHECKOUT } from '../project/source-file.ts';
import { type CodeBlock, readMarkdown } from './markdown-document.ts';

/** The pages, and what stands for the package that they import. */
const PAGES = [
  { page: 'ipvs', kernel: fakeIpvs() },
  { page: 'netlink', kernel: `export * from ${source('netlink-library')};` },
] as const;

const NOT_RUN = /^<!-- not run: (.+) -->$/;
const outside = enterOwnNetwork();

const directory = mkdtempSync(join(tmpdir(), 'vipr-library-'));
after(() => rmSync(directory, { recursive: true }));
writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');

for (const { page, kernel } of PAGES) {
  describe(`docs/library/${page}.md`, () => {
    const examples = examplesOf(page);
    writeFileSync(join(directory, `${page}-kernel.ts`), kernel);
    for (const { file, code } of examples) writeFileSync(file, code);

    test('its examples pass the compiler', () => {
      assert.ok(examples.length >= 5);
      const options = { extends: join(CHECKOUT, 'tsconfig.json'), files: examples.map(({ file }) => file) };
      const types = { typeRoots: [join(CHECKOUT, 'node_modules/@types')], noUnusedLocals: false };
      const config = join(directory, `${page}.json`);
      writeFileSync(config, JSON.stringify({ ...options, include: [], compilerOptions: types }));
      try {
        execFileSync(join(CHECKOUT, 'node_modules/.bin/tsc'), ['-p', config], { encoding: 'utf8' });
      } catch (error) {
        assert.fail(String((error as { stdout?: string }).stdout ?? error));
      }
    });

    for (const { file, block, expected, skip } of examples) {
      const needsNetwork = page === 'netlink' && block.code.includes('RouteNetlink') ? outside : undefined;
      test(`the example of line ${block.line}`, { skip: skip ?? needsNetwork ?? false }, async (t) => {
        const lines: string[] = [];
        const { formatWithOptions } = await import('node:util');
        t.mock.method(console, 'log', (...args: unknown[]) => {
          lines.push(formatWithOptions({ colors: false }, ...args));
        });
        await import(pathToFileURL(file).href);
        assert.equal(lines.map((line) => `${line}\n`).join(''), expected);
      });
    }
  });
}

interface Example {
  readonly file: string;
  readonly block: CodeBlock;
  readonly code: string;
  /** What it prints: the block of text that follows. */
  readonly expected: string;
  readonly skip: string | undefined;
}

function examplesOf(page: string): Example[] {
  const { blocks } = readMarkdown(join(CHECKOUT, 'docs/library', `${page}.md`));
  return blocks.flatMap((block, index): Example[] => {
    if (block.language !== 'ts') return [];
    const next = blocks[index + 1];
    return [
      {
        file: join(directory, `${page}-${block.line}.ts`),
        block,
        code: block.code.replaceAll(`'vipr/${page}'`, `'./${page}-kernel.ts'`),
        expected: next?.language === 'text' ? withEnd(next.code) : '',
        skip: NOT_RUN.exec(block.before)?.[1],
      },
    ];
  });
}

function withEnd(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

/** The library over one fake kernel for all examples, as a machine would be. */
function fakeIpvs(): string {
  return `
    import { FakeIpvs, openIpvs as open, openIpvsEngine as openEngine, type IpvsModules } from ${source('ipvs-library')};
    export * from ${source('ipvs-library')};
    const machine = new FakeIpvs();
    export const openIpvs = (modules: IpvsModules = machine.modules) => open(modules);
    export const openIpvsEngine = () => openEngine({}, machine.modules);
  `;
}

function source(name: string): string {
  return JSON.stringify(join(CHECKOUT, 'src', `${name}.ts`));
}
