import assert from 'node:assert/strict';
import { existsSync, globSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Link, readMarkdown } from './markdown-document.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const FILES = globSync(['README*.md', 'CONTRIBUTING*.md', 'CHANGELOG*.md', 'docs/**/*.md'], {
  cwd: CHECKOUT,
}).sort();

describe('links within the documentation', () => {
  test('there is documentation', () => {
    for (const file of ['README.md', 'README.zh-CN.md', 'docs/tutorial.md', 'docs/glossary.md']) {
      assert.ok(FILES.includes(file), `${file} is missing`);
    }
  });

  for (const file of FILES) {
    test(`${file}: every link leads somewhere`, () => {
      const broken = readMarkdown(join(CHECKOUT, file)).links.flatMap((link) => problemOf(file, link));
      assert.deepEqual(broken, []);
    });
  }
});

/** Why a link leads nowhere; empty where it leads somewhere, or out of the documentation. */
function problemOf(file: string, { target, line }: Link): string[] {
  if (/^[a-z]+:/.test(target)) return [];
  const [path = '', anchor] = target.split('#');
  const absolute = path === '' ? join(CHECKOUT, file) : resolve(CHECKOUT, dirname(file), path);
  const where = `${file}:${line}: ${target}`;
  if (!absolute.startsWith(CHECKOUT)) return [`${where} leads out of the checkout`];
  if (!existsSync(absolute)) return [`${where}: there is no such file`];
  if (anchor === undefined) return [];
  if (!absolute.endsWith('.md')) return [`${where}: only Markdown has anchors`];
  const { anchors } = readMarkdown(absolute);
  return anchors.has(decodeURIComponent(anchor)) ? [] : [`${where}: there is no such anchor`];
}
