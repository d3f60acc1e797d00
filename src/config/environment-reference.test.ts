import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { escapeReferences, expandReferences } from './environment-reference.ts';

const ENVIRONMENT = { HOST: '10.0.0.1', EMPTY: '', _x9: '$HOST' };

/** A dollar and a brace, which linters take for a mistake in plain text. */
const ref = (inner: string) => `$\{${inner}}`;

const cases: readonly (readonly [text: string, expanded: string, ...problems: string[]])[] = [
  ['plain', 'plain'],
  [`${ref('HOST')}:80`, '10.0.0.1:80'],
  [`${ref('HOST')}${ref('EMPTY')}.`, '10.0.0.1.'],
  [ref('EMPTY:-none'), 'none'],
  [ref('MISSING:-'), ''],
  [ref('MISSING:-a b'), 'a b'],
  [ref('_x9'), '$HOST'],
  ['$HOST $ $1', '$HOST $ $1'],
  [`$$ $$$$ $$${ref('HOST')} $$$$${ref('HOST').slice(1)}`, `$ $$ $10.0.0.1 $$${ref('HOST').slice(1)}`],
  [
    ref('MISSING'),
    ref('MISSING'),
    '0: the environment has no MISSING: set it, or give a default, $' + '{MISSING:-default}',
  ],
  [
    `${ref('HOST')} ${ref('9x')}`,
    `10.0.0.1 ${ref('9x')}`,
    `1: ${ref('9x')} is not a reference to the environment: write ${ref('NAME')} or ${ref('NAME:-default')}, and $$ for a dollar`,
  ],
  [
    '$' + '{HOST',
    '$' + '{HOST',
    `0: $${'{HOST'} is not a reference to the environment: write ${ref('NAME')} or ${ref('NAME:-default')}, and $$ for a dollar`,
  ],
  [
    ref('__proto__'),
    ref('__proto__'),
    `0: the environment has no __proto__: set it, or give a default, ${ref('__proto__:-default')}`,
  ],
];

for (const [text, expanded, ...problems] of cases) {
  test(`${JSON.stringify(text)} becomes ${JSON.stringify(expanded)}`, () => {
    const told: string[] = [];
    const report = (index: number, message: string) => void told.push(`${index}: ${message}`);
    assert.equal(expandReferences(text, ENVIRONMENT, report), expanded);
    assert.deepEqual(told, problems);
  });
}

test('a text that is escaped is expanded to itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', 'A', ':', '-') }), (text) => {
      assert.equal(
        expandReferences(escapeReferences(text), {}, () => assert.fail()),
        text,
      );
    }),
  );
});
