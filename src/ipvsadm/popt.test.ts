import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Popt, PoptTable } from './popt.ts';

const TABLE = new PoptTable<string>([
  { id: 'list', long: 'list', short: 'L', argument: 'none' },
  { id: 'numeric', long: 'numeric', short: 'n', argument: 'none' },
  { id: 'weight', long: 'weight', short: 'w', argument: 'required' },
  { id: 'persistent', long: 'persistent', short: 'p', argument: 'optional' },
]);

/** What is read from a command line: `id=value` for each switch, the error, then the other words. */
function read(...words: string[]): string[] {
  const popt = new Popt(words, TABLE);
  const seen: string[] = [];
  for (;;) {
    const step = popt.next();
    if (step.kind === 'option') seen.push(step.value === undefined ? step.id : `${step.id}=${step.value}`);
    if (step.kind === 'error') return [...seen, `${popt.word}: ${step.text}`];
    if (step.kind !== 'end') continue;
    for (let word = popt.argument(); word !== undefined; word = popt.argument()) seen.push(`(${word})`);
    return seen;
  }
}

test('short switches combine, and the last may take a value', () => {
  assert.deepEqual(read('-Ln'), ['list', 'numeric']);
  assert.deepEqual(read('-Lnw', '5'), ['list', 'numeric', 'weight=5']);
  assert.deepEqual(read('-Lw5n'), ['list', 'weight=5n']);
});

test('values come at once, after an equals sign, or as the next word', () => {
  assert.deepEqual(read('-w5', '-w=5', '-w', '5'), ['weight=5', 'weight=5', 'weight=5']);
  assert.deepEqual(read('--weight=5', '--weight', '5', '--weight='), ['weight=5', 'weight=5', 'weight=']);
  assert.deepEqual(read('-w', '-n'), ['weight=-n']);
});

test('an optional value is never a word that begins with a dash', () => {
  assert.deepEqual(read('-p', '300'), ['persistent=300']);
  assert.deepEqual(read('-p', '-n'), ['persistent', 'numeric']);
  assert.deepEqual(read('-p'), ['persistent']);
  assert.deepEqual(read('-pn'), ['persistent=n']);
  assert.deepEqual(read('--persistent='), ['persistent=']);
});

test('words that are no switches are kept, and after -- all are', () => {
  assert.deepEqual(read('a', '-n', '-', 'b'), ['numeric', '(a)', '(-)', '(b)']);
  assert.deepEqual(read('-L', '--', '-n', '--'), ['list', '(-n)', '(--)']);
});

test('errors name the whole word', () => {
  assert.deepEqual(read('-Lq'), ['list', '-Lq: unknown option']);
  assert.deepEqual(read('--lis'), ['--lis: unknown option']);
  assert.deepEqual(read('-nlist'), ['numeric', '-nlist: unknown option']);
  assert.deepEqual(read('-L', '-w'), ['list', '-w: missing argument']);
  assert.deepEqual(read('-n=3'), ['-n=3: option does not take an argument']);
  assert.deepEqual(read('--numeric=3'), ['--numeric=3: option does not take an argument']);
});
