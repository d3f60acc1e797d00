import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Keyword, KeywordTable } from '../../src/config/keepalived/keyword/keyword-table.ts';
import { ROOT_KEYWORDS } from '../../src/config/keepalived/keyword/root-keywords.ts';
import { replay } from './reference-console.ts';
import { Lab } from './reference-lab.ts';
import { codesOf, fencesOf, readPage, rowsOf, sectionOf } from './reference-page.ts';

const PAGE = readPage('docs/reference/keepalived-conf.md');
const TEXT = PAGE.map(({ text }) => text).join('\n');

/** Keywords of a table and of the blocks that vipr reads. */
function known(table: KeywordTable): (readonly [name: string, keyword: Keyword])[] {
  return Object.entries(table).flatMap(([name, keyword]): (readonly [string, Keyword])[] => {
    const { body, use } = keyword;
    const inner = body === undefined || body === 'entries' || use === 'unsupported' ? [] : known(body);
    return [[name, keyword], ...inner];
  });
}

describe('docs/reference/keepalived-conf.md', () => {
  it('names every keyword that vipr reads', () => {
    const named = new Set(codesOf(TEXT).flatMap((code) => code.split(/[\s,]+/)));
    const missing = known(ROOT_KEYWORDS).filter(
      ([name, { use }]) => use !== 'unsupported' && !named.has(name),
    );
    // What holds global settings needs no explanation.
    assert.deepEqual([...new Set(missing.map(([name]) => name))], ['global_defs']);
  });

  it('tells of every keyword that is not done why', () => {
    const told = new Map(
      rowsOf(sectionOf(PAGE, 'What vipr does not do').text).flatMap(([cell = '', why = '']) =>
        codesOf(cell).map((name) => [name, why] as const),
      ),
    );
    const undone = known(ROOT_KEYWORDS).flatMap(([name, keyword]) =>
      keyword.use === 'unsupported' ? [[name, keyword.why] as const] : [],
    );
    assert.deepEqual(
      [...new Map(undone)].toSorted(([a], [b]) => a.localeCompare(b)),
      [...told].toSorted(([a], [b]) => a.localeCompare(b)),
    );
  });

  it('shows what the commands print', async () => {
    const files = fencesOf(TEXT).filter(({ language }) => language === 'conf');
    await using lab = new Lab(Object.fromEntries(files.map(({ name, text }) => [name, text])));
    await replay(TEXT, lab);
  });
});
