import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errorText, withHint } from '../../src/ipvsadm/error-text.ts';
import { ERROR_CODES, ViprError, type ViprErrorCode } from '../../src/model/error.ts';
import { sourceFiles } from '../project/source-file.ts';
import { EXAMPLES } from './errors-example.ts';
import { Lab } from './reference-lab.ts';
import { codesOf, fencesOf, readPage, rowsOf, sectionOf } from './reference-page.ts';

const PAGE = readPage('docs/errors.md');
/** The table of all codes: code, errno, what ipvsadm prints. */
const ROWS = rowsOf(sectionOf(PAGE, 'Errors and exit codes').text).filter(([cell]) => cell?.startsWith('[`'));
const CODES = Object.keys(ERROR_CODES) as readonly ViprErrorCode[];
const COMMANDS = ['vipr', 'ipvsadm', 'ipvsadm-save', 'ipvsadm-restore'];
/** The one place that lists codes without raising them. */
const LISTS = ['src/model/error.ts', 'src/ipvsadm/error-text.ts'];

describe('docs/errors.md', () => {
  it('has a section for every code and for nothing else', () => {
    const titles = PAGE.filter(({ depth }) => depth === 3).map(({ title }) => title);
    assert.deepEqual(
      titles.filter((title) => !COMMANDS.includes(title)),
      CODES,
    );
  });

  it('has a row of its table for every code, with its errno', () => {
    assert.deepEqual(
      ROWS.map(([cell]) => cell),
      CODES.map((code) => `[\`${code}\`](#${code.toLowerCase()})`),
    );
    for (const [index, code] of CODES.entries()) {
      const { errno } = ERROR_CODES[code];
      const told = ROWS[index]?.[1] ?? '';
      assert.ok(
        errno === undefined ? /^(none|the call's)/.test(told) : told.startsWith(errno),
        `${code}: ${told}`,
      );
    }
  });

  it('says what ipvsadm prints for every code', () => {
    for (const [index, code] of CODES.entries()) {
      const error = new ViprError(code, 'message', { hint: 'hint' });
      const printed = errorText(error, undefined);
      const told = ROWS[index]?.[2] ?? '';
      if (printed === withHint(error)) assert.match(told, /^(message and hint|does not occur)$/, code);
      else assert.equal(codesOf(told)[0], printed, code);
    }
  });

  for (const code of CODES) {
    it(`shows ${code} as it happens`, async () => {
      const error = await EXAMPLES[code]();
      assert.ok(error instanceof ViprError, `${error}`);
      assert.equal(error.code, code);
      const [shown] = fencesOf(sectionOf(PAGE, code).text);
      assert.equal(shown?.text, `${error.message}\n${error.hint}\n`);
    });
  }

  it('knows no code that nothing raises', () => {
    const raising = sourceFiles('src').filter(({ path, isTest }) => !isTest && !LISTS.includes(path));
    const dead = CODES.filter((code) => !raising.some(({ text }) => text.includes(`'${code}'`)));
    assert.deepEqual(dead, [], 'raise them or remove them from src/model/error.ts');
  });
});

describe('the exit codes of docs/errors.md', () => {
  for (const command of COMMANDS) {
    it(`are those of ${command}`, async () => {
      const rows = rowsOf(sectionOf(PAGE, command).text).filter(([code]) => /^\d+$/.test(code ?? ''));
      await using lab = new Lab();
      await lab.startDirector('--engine', 'memory');
      let seen = 0;
      for (const [code, , instance = ''] of rows) {
        const [example] = codesOf(instance);
        if (example === undefined) continue;
        const outcome = await lab.run(example);
        assert.equal(outcome.code, Number(code), `$ ${example}\n${outcome.stderr}`);
        seen += 1;
      }
      assert.ok(seen >= 3, `${seen} examples`);
    });
  }

  it('has the 0 of a director that a signal ends', async () => {
    await using lab = new Lab();
    const { code, stderr } = await lab.run(`
      vipr up --engine memory --log-level error & director=$!
      until vipr status >/dev/null 2>&1; do sleep 0.1; done
      kill $director; wait $director`);
    assert.equal(code, 0, stderr);
  });

  it('has the 141 of a reader that leaves', async () => {
    await using lab = new Lab();
    await lab.startDirector('--engine', 'memory');
    const { stdout } = await lab.run('{ sleep 0.5; ipvsadm -Ln; echo $? >status; } | true; cat status');
    assert.equal(stdout, '141\n');
  });
});
