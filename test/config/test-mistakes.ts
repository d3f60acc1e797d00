import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigInvalidError } from '../../src/config/config-problem.ts';
import { parseConfig } from '../../src/config/load-config.ts';

/** A » in the text marks where a problem is, in the order of the problems; the last one is for all that are left. */
export type Mistake = readonly [what: string, text: string, ...problems: string[]];

/** A test for each file: that what is told of it is this, with its places. The file is called `f`. */
export function testMistakes(cases: readonly Mistake[]): void {
  for (const [what, marked, ...problems] of cases) {
    test(`${what} is told with its place`, () => {
      const places = placesOf(marked);
      const expected = problems.map((problem, index) => `f:${places[index] ?? places.at(-1)}: ${problem}`);
      assert.deepEqual(problemsOf(marked.replaceAll('»', '')), expected);
    });
  }
}

/** What is said of a file: one line a problem. */
export function problemsOf(text: string): string[] {
  try {
    parseConfig(text, 'f');
  } catch (error) {
    assert.ok(error instanceof ConfigInvalidError, String(error));
    assert.equal(error.message.split('\n').length, error.problems.length);
    return error.message.split('\n');
  }
  return [];
}

/** Line and column of each mark, as if the marks were not there. */
function placesOf(marked: string): string[] {
  return marked.split('\n').flatMap((line, index) =>
    line
      .split('»')
      .slice(0, -1)
      .map((_, mark, parts) => `${index + 1}:${parts.slice(0, mark + 1).join('').length + 1}`),
  );
}
