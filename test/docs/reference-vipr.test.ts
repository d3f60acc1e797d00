import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { directorSocketPath } from '../../src/api/socket-path.ts';
import { subcommands } from '../../src/commands/registry.ts';
import { CHECKOUT, sourceFiles } from '../project/source-file.ts';
import { replay } from './reference-console.ts';
import { Lab } from './reference-lab.ts';
import { codesOf, fencesOf, readPage, rowsOf, sectionOf } from './reference-page.ts';

const PAGE = readPage('docs/reference/vipr.md');
const TEXT = PAGE.map(({ text }) => text).join('\n');
const SUBCOMMANDS = subcommands.map((make) => {
  return make({
    env: {},
    stdout: () => undefined,
    stderr: () => undefined,
    exitCode: 0,
    usageExit: 2,
  }).name();
});
/** Of the shell and the loader: bin/launch.sh passes them on. */
const NOT_OURS = ['PATH', 'LD_LIBRARY_PATH'];

/** The switches that a help text shows. */
function switchesOf(help: string): readonly string[] {
  return [...help.matchAll(/^ {2}(?:(-\w), )?(--[\w-]+)/gm)].flatMap(([, short, long = '']) =>
    short === undefined ? [long] : [short, long],
  );
}

function matchesOf(pattern: RegExp, text: string): readonly string[] {
  return [...text.matchAll(pattern)].map(([, found = '']) => found);
}

/** The switches that a section has rows for. */
function documented(title: string): readonly string[] {
  return rowsOf(sectionOf(PAGE, title).text).flatMap(([cell = '']) => codesOf(cell));
}

describe('docs/reference/vipr.md', () => {
  it('has a section for every subcommand', () => {
    const titles = PAGE.map(({ title }) => title);
    assert.deepEqual(
      SUBCOMMANDS.filter((name) => !titles.includes(name)),
      [],
    );
  });

  it('has every switch of `vipr --help`, and no other', async () => {
    await using lab = new Lab();
    const { stdout } = await lab.run('vipr --help');
    assert.deepEqual(documented('vipr'), switchesOf(stdout));
    for (const name of [...SUBCOMMANDS, 'help']) assert.match(stdout, new RegExp(`^ {2}${name} `, 'm'));
  });

  for (const name of SUBCOMMANDS.filter((subcommand) => subcommand !== 'ipvsadm')) {
    it(`has every switch of \`vipr ${name} --help\`, and no other, with their choices`, async () => {
      await using lab = new Lab();
      const { stdout } = await lab.run(`vipr ${name} --help`);
      assert.deepEqual(documented(name), switchesOf(stdout));
      const values = rowsOf(sectionOf(PAGE, name).text).map(([, value = '']) => value);
      for (const [, choices = ''] of stdout.replace(/\n\s+/g, ' ').matchAll(/\(choices: ("[^)]*?")[,)]/g)) {
        const words = [...choices.matchAll(/"(\w+)"/g)].map(([, word = '']) => word);
        const told = values.some((value) => words.every((word) => codesOf(value).includes(word)));
        assert.ok(told, `no row of '${name}' has ${words.join(', ')}`);
      }
    });
  }

  it('shows every switch in its synopsis', () => {
    const [synopsis] = fencesOf(sectionOf(PAGE, 'vipr').text);
    for (const name of SUBCOMMANDS) {
      const line = synopsis?.text.split('\n').find((text) => text.startsWith(`vipr ${name} `)) ?? '';
      const long = documented(name).filter((word) => word.startsWith('--') && word !== '--help');
      const shown = [...line.matchAll(/--[\w-]+/g)].map(([word]) => word);
      assert.deepEqual(shown, long, name);
    }
  });

  it('shows what the commands print', async () => {
    const files = fencesOf(TEXT).filter(({ language }) => language === 'yaml');
    await using lab = new Lab(Object.fromEntries(files.map(({ name, text }) => [name, text])));
    await lab.startDirector('--engine', 'memory');
    await replay(TEXT, lab, (output) =>
      output.replace(/^vipr [\d.]+, pid \d+, up .*$/m, 'vipr VERSION, pid PID, up TIME'),
    );
  });

  it('tells every variable of the environment that is read', () => {
    const launchers = readdirSync(join(CHECKOUT, 'bin')).map((name) => join(CHECKOUT, 'bin', name));
    const read = [
      ...sourceFiles('src').flatMap(({ isTest, text }) =>
        isTest ? [] : matchesOf(/\benv\.([A-Z_]+)/g, text),
      ),
      ...launchers.flatMap((path) => matchesOf(/\$\{?([A-Z][A-Z_]+)/g, readFileSync(path, 'utf8'))),
    ];
    const told = rowsOf(sectionOf(PAGE, 'Environment').text).flatMap(([cell = '']) => codesOf(cell));
    const names = [...new Set(read)].filter((name) => !NOT_OURS.includes(name));
    assert.deepEqual(told.toSorted(), names.toSorted());
  });

  it('tells where the control socket is', () => {
    const places = codesOf(sectionOf(PAGE, 'The control socket').text);
    const user = directorSocketPath({ XDG_RUNTIME_DIR: '$XDG_RUNTIME_DIR' });
    assert.ok(places.includes(user), user);
    assert.equal(directorSocketPath({ VIPR_SOCKET: 'here' }), 'here');
  });
});
