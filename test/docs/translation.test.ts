/**
 * A translation has the same headings, commands, outputs and links as its original, in the same order; only prose differs.
 * Blocks without a language are pictures, whose words may be translated too.
 */
import assert from 'node:assert/strict';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type MarkdownDocument, readMarkdown } from './markdown-document.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const SUFFIX = '.zh-CN.md';
const ORIGINALS = ['README.md', 'docs/tutorial.md'];

for (const original of ORIGINALS) {
  const translation = translationOf(original);
  describe(`${translation} is ${original} in another language`, () => {
    const [one, other] = [readMarkdown(join(CHECKOUT, original)), readMarkdown(join(CHECKOUT, translation))];

    test('the headings have the same levels', () => {
      const outline = ({ headings }: MarkdownDocument) =>
        headings.map(({ level, text, line }) => ({
          line,
          value: level,
          shown: `${'#'.repeat(level)} ${text}`,
        }));
      assertAlike(outline(one), outline(other));
    });

    test('the blocks of code are the same', () => {
      const blocks = ({ blocks }: MarkdownDocument) =>
        blocks.map(({ language, remark, code, line }) => {
          const picture = language === '';
          return {
            line,
            value: picture ? '' : `${language} ${remark}\n${code}`,
            shown: `\`\`\`${language}\n${code}`,
          };
        });
      assertAlike(blocks(one), blocks(other));
    });

    test('the links lead to the same places', () => {
      const links = (file: string, document: MarkdownDocument) =>
        document.links.map(({ target, line }) => ({ line, value: placeOf(file, target), shown: target }));
      assertAlike(links(original, one), links(translation, other));
    });
  });

  function assertAlike(expected: readonly Part[], actual: readonly Part[]): void {
    const at = Math.max(expected.length, actual.length);
    for (let index = 0; index < at; index++) {
      if (expected[index]?.value === actual[index]?.value) continue;
      assert.fail(
        `the first difference:\n${show(original, expected[index])}\n${show(translation, actual[index])}`,
      );
    }
  }
}

interface Part {
  readonly line: number;
  /** What has to be the same. */
  readonly value: string | number;
  readonly shown: string;
}

function show(file: string, part: Part | undefined): string {
  return part === undefined ? `${file}: has no more` : `${file}:${part.line}: ${part.shown}`;
}

/**
 * A link's target whatever the language of the page that it leads to; an anchor of a translated page is told by the
 * number of its heading.
 */
function placeOf(file: string, target: string): string {
  if (/^[a-z]+:/.test(target)) return target;
  const [path = '', anchor] = target.split('#');
  const page = path === '' ? file : relative(CHECKOUT, resolve(CHECKOUT, dirname(file), path));
  const original = page.replace(SUFFIX, '.md');
  if (anchor === undefined || !ORIGINALS.includes(original)) return `${original}#${anchor ?? ''}`;
  const { headings } = readMarkdown(join(CHECKOUT, page));
  return `${original}#${headings.findIndex((heading) => heading.anchor === decodeURIComponent(anchor))}`;
}

function translationOf(file: string): string {
  return file.replace(/\.md$/, SUFFIX);
}
