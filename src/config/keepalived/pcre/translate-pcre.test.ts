import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PCRE_OPTIONS, translatePcre } from './translate-pcre.ts';

/** A pattern, what it finds, and what it does not find. */
type Case = readonly [
  pattern: string,
  options: readonly string[],
  found: readonly string[],
  notFound: readonly string[],
];

const cases: readonly Case[] = [
  ['abc', [], ['xabcx'], ['ABC', 'ab']],
  ['abc', ['caseless'], ['ABC', 'aBc'], ['ab']],
  ['a.c', [], ['abc', 'a\rc', 'a\u2028c'], ['a\nc']],
  ['a.c', ['dotall'], ['a\nc'], ['ac']],
  ['^b', [], ['b'], ['a\nb']],
  ['^b', ['multiline'], ['a\nb'], ['a\rb']],
  ['a$', [], ['a', 'a\n', 'ba'], ['a\nb', 'a\n\n']],
  ['a$', ['dollar_endonly'], ['a'], ['a\n']],
  ['a$', ['multiline'], ['a\nb', 'a'], ['ab', 'a\rb']],
  ['\\Aa\\z', [], ['a'], ['a\n', 'ba']],
  ['a\\Z', [], ['a\n'], ['a\n\n']],
  ['\\d+\\s\\w', [], ['1 a', '12\t_'], ['1a', '1\u00a0a']],
  ['^\\D\\S\\W$', [], ['ab-'], ['1b-', 'a -', 'abc']],
  ['^[\\d\\s]$', [], ['1', ' '], ['a']],
  ['^[^\\s]$', [], ['a'], [' ']],
  ['^[\\D]$', [], ['a'], ['1']],
  ['^[\\S][\\W]$', [], ['a-'], [' -', 'aa']],
  ['\\h\\v', [], ['\t\n'], ['ab']],
  ['a\\Rb', [], ['a\r\nb', 'a\nb'], ['ab']],
  ['^\\N$', [], ['a'], ['\r\n\n']],
  ['[[:alpha:]_]+[[:digit:]]', [], ['ab_1'], ['é1'.slice(0, 1), '1']],
  ['[[:punct:]]', [], ['!', ']', '-'], ['a', ' ']],
  ['[]a]', [], [']', 'a'], ['b']],
  ['[^]a]', [], ['b'], [']', 'a']],
  ['[a-c-]', [], ['b', '-'], ['d']],
  ['[\\x41-\\x43]', [], ['B'], ['D']],
  ['[.*+?(){}|^$]', [], ['.', '(', '^', '$'], ['a']],
  ['[\\]\\\\]', [], [']', '\\'], ['[']],
  ['[\\b]', [], ['\b'], ['b']],
  ['a{2}', [], ['aa'], ['a']],
  ['^a{1,2}?$', [], ['aa'], ['aaa']],
  ['a{x', [], ['a{x'], ['a']],
  ['^a{,2}$', [], ['a{,2}'], ['aa']],
  ['a*?b', [], ['aab'], ['a']],
  ['(a)(b)\\2\\1', [], ['abba'], ['abab']],
  ['(a)\\g1', [], ['aa'], ['ab']],
  ['(a)\\g{1}1', [], ['aa1'], ['a1']],
  ['(?P<x>a)(?P=x)', [], ['aa'], ['ab']],
  ["(?'x'a)\\k'x'", [], ['aa'], ['ab']],
  ['(?<x>a)\\k{x}', [], ['aa'], ['ab']],
  ['(?<x>a)|(?<x>b)', ['dupnames'], ['a', 'b'], ['c']],
  ['a(?=b)(?!c)(?<=a)(?<!b)b', [], ['ab'], ['ac']],
  ['a(?#a comment)b', [], ['ab'], ['a']],
  ['(?i)abc', [], ['ABC'], ['ab']],
  ['(?im)^b', [], ['a\nB'], ['ab']],
  ['a(?i:b)', [], ['aB', 'ab'], ['AB']],
  ['\\Qa.c\\E+', [], ['a.ccc'], ['abc']],
  ['\\x41\\x{42}\\103\\o{104}\\cA', [], ['ABCD\x01'], ['ABCD']],
  ['\\/\\-\\"\\:', [], ['/-":'], ['-']],
  ['a/b', [], ['a/b'], ['ab']],
  ['é', ['utf'], ['é'], ['e']],
  ['\\x{1f600}', ['utf'], ['😀'], ['x']],
  ['^.$', ['utf'], ['é', '😀'], ['\n']],
  ['a b # c', [], ['a b # c'], ['ab']],
  ['a b # c\n d', ['extended'], ['abd'], ['a b']],
  ['a\\ b[ ]', ['extended'], ['a b '], ['ab']],
  ['(a)b', ['no_auto_capture'], ['ab'], ['a']],
  ['\\ba\\B', [], ['ab'], ['ba', 'a']],
  ['\\t\\n\\r\\f\\a\\e', [], ['\t\n\r\f\x07\x1b'], ['t']],
];

describe('a pattern of PCRE', () => {
  for (const [pattern, options, found, notFound] of cases) {
    it(`${JSON.stringify(pattern)} ${options.join(' ')}`, () => {
      const translated = translatePcre(pattern, new Set(options));
      assert.ok(translated instanceof RegExp, JSON.stringify(translated));
      for (const text of found) assert.match(text, translated);
      for (const text of notFound) assert.doesNotMatch(text, translated);
    });
  }
});

const refused: readonly (readonly [pattern: string, reason: RegExp])[] = [
  ['a++', /possessive quantifier \+\+/],
  ['a{2}+', /possessive quantifier \{2\}\+/],
  ['(?>a)', /atomic group/],
  ['(?|a)', /branch reset/],
  ['(?(1)a)', /condition/],
  ['(?R)', /recursion/],
  ['(?1)', /recursion/],
  ['(?&x)', /recursion/],
  ['(*UTF8)a', /verb/],
  ['(?C1)a', /callout/],
  ['a(?i)b', /use regex_options/],
  ['a(?s:b)', /use regex_options/],
  ['(?~a)', /is not known/],
  ['\\Ka', /\\K, which only PCRE knows/],
  ['\\G', /\\G, which only PCRE knows/],
  ['\\p{L}', /\\p, which only PCRE knows/],
  ['\\X', /\\X, which only PCRE knows/],
  ['[[:^alpha:]]', /negation within a class/],
  ['[[:nosuch:]]', /is no class/],
  ['[[.a.]]', /does not support/],
  ['[abc', /not closed/],
  ['(a', /is not a regular expression/],
  ['a)', /is not a regular expression/],
  ['*a', /is not a regular expression/],
  ['a\\', /ends with a backslash/],
  ['\\x{100}', /needs regex_options utf/],
  ['\\x{110000}', /needs regex_options utf/],
];

describe('what only PCRE has is refused', () => {
  for (const [pattern, reason] of refused) {
    it(pattern, () => {
      const translated = translatePcre(pattern, new Set());
      assert.ok(!(translated instanceof RegExp), String(translated));
      assert.match(translated.reason, reason);
    });
  }

  it('beyond Unicode', () => {
    const translated = translatePcre('\\x{110000}', new Set(['utf']));
    assert.ok(!(translated instanceof RegExp));
    assert.match(translated.reason, /which Unicode does not have/);
  });

  it('options are known by name', () => {
    assert.equal(PCRE_OPTIONS.ungreedy, 'refused');
    assert.equal(PCRE_OPTIONS.caseless, 'translated');
  });
});
