import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ToldTexts } from './told-texts.ts';

it('tells each text once, and of a flood its beginning', () => {
  let now = 0;
  const texts = new ToldTexts(() => now);
  assert.deepEqual([texts.news('a'), texts.news('a'), texts.news('b')], ['a', undefined, 'b']);
  const flood = Array.from({ length: 10_000 }, (_, index) => texts.news(`10.0.0.${index}`)).flatMap(
    (text) => text ?? [],
  );
  assert.equal(flood.length, 63);
  assert.match(flood.at(-1) ?? '', /^more is odd than is told: .*10\.0\.0\.62\)$/);
  now += 3_600_000;
  assert.equal(texts.news('a'), 'a');
});
