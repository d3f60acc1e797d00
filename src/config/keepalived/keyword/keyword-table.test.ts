import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errorsOf, fakeEnvironment, warningsOf } from '../fake-environment.ts';
import { allOf, fileWith } from './keyword-sample.ts';
import { ROOT_KEYWORDS } from './root-keywords.ts';

const known = allOf(ROOT_KEYWORDS);
const environment = fakeEnvironment();

describe('every keyword is known in its block', () => {
  for (const each of known) {
    it(each.path.join(' > '), () => {
      const file = fileWith(each);
      assert.deepEqual(errorsOf(file, environment), [], file);
      const name = each.path.at(-1) ?? '';
      const told = warningsOf(file, environment).some((warning) =>
        warning.includes(`: ${name} is not done: `),
      );
      const inner = each.path.slice(0, -1).some((_, index) => isUnsupported(each.path.slice(0, index + 1)));
      assert.equal(told, each.keyword.use === 'unsupported' && !inner, file);
    });
  }
});

function isUnsupported(path: readonly string[]): boolean {
  return known.some((each) => each.keyword.use === 'unsupported' && each.path.join(' ') === path.join(' '));
}

describe('no keyword is known in another block', () => {
  for (const { path } of known.filter(({ keyword }) => typeof keyword.body === 'object')) {
    it(path.join(' > '), () => {
      const [last = '', ...outer] = [...path].reverse();
      const inner = `${last} x {\nnosuchkeyword_here 1\n}`;
      const file = outer.reduce((text, block) => `${block} 192.0.2.1 {\n${text}\n}`, inner);
      assert.ok(
        errorsOf(file, environment).some((error) =>
          error.includes(`nosuchkeyword_here is not a keyword of ${last}`),
        ),
        file,
      );
    });
  }
});
