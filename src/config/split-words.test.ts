import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { joinWords, splitWords } from './split-words.ts';

const cases: readonly (readonly [text: string, words: readonly string[] | undefined])[] = [
  ['/usr/bin/check --host 10.0.0.1', ['/usr/bin/check', '--host', '10.0.0.1']],
  ['  a\t b  ', ['a', 'b']],
  ['', []],
  [`a 'b "c' "d 'e"`, ['a', 'b "c', "d 'e"]],
  [`a""b ''`, ['ab', '']],
  ['a\\ b c\\\\', ['a b', 'c\\']],
  ['"a\\"b\\\\c\\n"', ['a"b\\c\\n']],
  ['$HOME | * > x', ['$HOME', '|', '*', '>', 'x']],
  ['"a', undefined],
  ["a 'b", undefined],
  ['a\\', undefined],
];

for (const [text, words] of cases) {
  test(`${JSON.stringify(text)} has the words ${JSON.stringify(words)}`, () => {
    assert.deepEqual(splitWords(text), words);
  });
}

test('words that are joined are split into the same', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (words) => assert.deepEqual(splitWords(joinWords(words)), words)),
  );
});

test('a long text is split in one go', () => {
  assert.equal(splitWords('a '.repeat(2000))?.length, 2000);
});
