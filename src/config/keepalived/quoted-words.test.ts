import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PlacedText } from './placed-text.ts';
import { quotedWords } from './quoted-words.ts';

const PLACE = { file: 'keepalived.conf', line: 1, column: 1 };

function wordsOf(text: string, escapes: boolean): readonly string[] | string {
  const words = quotedWords(PlacedText.at(text, PLACE), escapes);
  return 'message' in words ? `${words.place.column}: ${words.message}` : words.map((word) => word.text);
}

const cases: readonly (readonly [text: string, words: readonly string[] | string])[] = [
  ['a  b\tc ', ['a', 'b', 'c']],
  ['', []],
  ['abcd" efg h jkl "mnop', ['abcd efg h jkl mnop']],
  ['abcd "efg h jkl" mnop', ['abcd', 'efg h jkl', 'mnop']],
  [`a 'b "c" d' "e 'f' g"`, ['a', 'b "c" d', "e 'f' g"]],
  ['a "" b', ['a', '', 'b']],
  ['\\a\\b\\E\\f\\n\\r\\t\\v', ['\x07\b\x1b\f\n\r\t\v']],
  ['\\101\\7 \\x41\\x4g \\cA', ['A\x07', 'A\x04g', '\x01']],
  ['a\\ b \\" \\\\ \\q', ['a b', '"', '\\', 'q']],
  ['"\\"a\\"" ', ['"a"']],
  ['\\xg', ['xg']],
  ['a "b c', '3: the quote " is not closed'],
  ["a 'b", "3: the quote ' is not closed"],
  ['a b\\', '4: nothing follows the backslash'],
];

for (const [text, words] of cases) {
  test(`with escapes: ${JSON.stringify(text)}`, () => assert.deepEqual(wordsOf(text, true), words));
}

test('without escapes, backslashes stay and still protect', () => {
  assert.deepEqual(wordsOf('notify "a \'\\"b\\"\' \\x41" user', false), [
    'notify',
    'a \'\\"b\\"\' \\x41',
    'user',
  ]);
});

test('the example of the manual page', () => {
  const line = `notify_master "/etc/notify.sh ' spaces\\\\x20f\\x69le ' '\\"s p a c e \\"' SG1.low master" user group`;
  const [, command = '', ...owner] = wordsOf(line, false);
  assert.deepEqual(owner, ['user', 'group']);
  assert.deepEqual(wordsOf(command, true), [
    '/etc/notify.sh',
    ' spaces\\x20file ',
    '"s p a c e "',
    'SG1.low',
    'master',
  ]);
});
