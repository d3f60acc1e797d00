import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  COMMAND_RULES,
  type CommandName,
  isCommandSwitch,
  OPTIONS,
  type OptionName,
  type OptionRules,
  SWITCHES,
  type Switch,
} from '../../src/ipvsadm/grammar.ts';
import { schedulerNames } from '../../src/scheduling/registry.ts';
import { exchangesOf, replay } from './reference-console.ts';
import { Lab } from './reference-lab.ts';
import { codesOf, readPage, rowsOf, sectionOf } from './reference-page.ts';

const PAGE = readPage('docs/reference/ipvsadm.md');
const TEXT = PAGE.map(({ text }) => text).join('\n');
const COMMANDS = rowsOf(sectionOf(PAGE, 'The command line').text);
const OPTION_SECTIONS = [
  'Services',
  'Settings of a service',
  'Settings of a destination',
  'Options of lists',
  'Options of daemons',
];
/** How the page writes options that several switches give. */
const PLACEHOLDERS: Partial<Record<OptionName, string>> = {
  'service-address': 'SERVICE',
  'forwarding-method': 'METHOD',
};

/** The ways to write a switch: `-s`, `--scheduler`. */
function spellings(id: Switch): readonly string[] {
  return SWITCHES.filter((entry) => entry.id === id)
    .flatMap(({ short, long }) => [
      ...(short === undefined ? [] : [`-${short}`]),
      ...(long === undefined ? [] : [`--${long}`]),
    ])
    .sort((one, other) => one.length - other.length);
}

/** What the page calls an option in the row of a command. */
function nameOf(option: OptionName): string {
  return PLACEHOLDERS[option] ?? spellings(option as Switch)[0] ?? option;
}

describe('docs/reference/ipvsadm.md', () => {
  let lab: Lab;
  before(async () => {
    lab = new Lab();
    await lab.startDirector('--engine', 'memory');
  });
  after(() => lab[Symbol.asyncDispose]());

  it('has a row for every command, with all its spellings', () => {
    const ids = [...new Set(SWITCHES.map(({ id }) => id).filter(isCommandSwitch))];
    const told = COMMANDS.map(([cell = '']) => codesOf(cell).join());
    assert.deepEqual(told.toSorted(), ids.map((id) => spellings(id).join()).toSorted());
  });

  it('has a row for every option, with all its spellings', () => {
    const ids = [...new Set(SWITCHES.map(({ id }) => id).filter((id) => !isCommandSwitch(id)))];
    const told = OPTION_SECTIONS.flatMap((title) => rowsOf(sectionOf(PAGE, title).text)).map(([cell = '']) =>
      codesOf(cell).join(),
    );
    assert.deepEqual(told.toSorted(), ids.map((id) => spellings(id).join()).toSorted());
  });

  for (const [name, rules] of Object.entries(COMMAND_RULES) as [CommandName, OptionRules][]) {
    it(`tells what goes with ${name}`, () => {
      const { required = [], exclusive = [], allowed = [] } = rules;
      const [command] = spellings(name);
      const cell = COMMANDS.find(([first = '']) => codesOf(first)[0] === command)?.[1] ?? '';
      const words = cell.match(/`[^`]+`|SERVICE|METHOD/g) ?? [];
      const told = words
        .map((word) => word.replaceAll('`', ''))
        .filter((word) => !/^(master|backup)$/.test(word));
      const options = [...required, ...exclusive, ...allowed];
      assert.deepEqual(told.toSorted(), options.map(nameOf).toSorted());
      for (const option of options) assert.ok(OPTIONS.includes(option));
    });
  }

  it('names every scheduler', () => {
    const [scheduler] = rowsOf(sectionOf(PAGE, 'Settings of a service').text);
    assert.deepEqual(codesOf(scheduler?.[1] ?? ''), [...schedulerNames, 'none']);
  });

  it('shows what the commands print', async () => {
    assert.ok(exchangesOf(TEXT).length > 15);
    await replay(TEXT, lab);
  });

  it('tells exit code and text of mistakes', async () => {
    const rows = rowsOf(sectionOf(PAGE, 'Messages').text);
    assert.ok(rows.length > 30);
    const table = await lab.run(
      'ipvsadm -C; ipvsadm -A -t 192.0.2.10:80 -s rr; ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.11',
    );
    assert.equal(table.code, 0, table.stderr);
    for (const [command = '', code, message = ''] of rows) {
      const [line = ''] = codesOf(command);
      const outcome = await lab.run(line);
      assert.equal(outcome.stderr, `${codesOf(message)[0]}\n`, line);
      assert.equal(outcome.code, Number(code), line);
      assert.equal(outcome.stdout, '');
    }
  });

  it('tells the third line where nobody answers', async () => {
    const { code, stderr } = await lab.run('VIPR_SOCKET=no-such.sock ipvsadm -Ln');
    assert.equal(code, 2);
    assert.match(stderr, /^Can't initialize ipvs: .*\nAre you sure .*\nvipr: .*\n$/);
  });
});
