// biome-ignore-all lint/suspicious/noTemplateCurlyInString: definitions of a keepalived.conf look like placeholders.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfigInvalidError } from '../config-problem.ts';
import { fakeEnvironment, parsed } from './fake-environment.ts';
import type { KeywordTable } from './keyword/keyword-table.ts';
import { ROOT_KEYWORDS } from './keyword/root-keywords.ts';
import { FILES, SAMPLE } from './sample-config.ts';

/** Either a configuration, or CONFIG_INVALID with places that are in its file. */
function assertHandled(text: string): void {
  const lines = text.split('\n');
  try {
    const config = parsed(text, fakeEnvironment(FILES));
    assert.ok(Array.isArray(config.table.services));
  } catch (error) {
    assert.ok(error instanceof ConfigInvalidError, String((error as Error).stack));
    assert.ok(error.problems.length > 0);
    for (const { file, line, column, message } of error.problems) {
      assert.ok(message !== '' && !message.includes('\n'), message);
      assert.ok(column >= 1);
      if (file === 'keepalived.conf') {
        assert.ok(line >= 1 && line <= lines.length, `line ${line} of ${lines.length}`);
        assert.ok(column <= (lines[line - 1]?.length ?? 0) + 1, `column ${column} in line ${line}`);
      }
    }
  }
}

function namesIn(table: KeywordTable): string[] {
  return Object.entries(table).flatMap(([name, { body }]) =>
    body === undefined || body === 'entries' ? [name] : [name, ...namesIn(body)],
  );
}

// Numbers stay small, so that no sequence makes many lines.
const token = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...new Set(namesIn(ROOT_KEYWORDS))) },
  { weight: 3, arbitrary: fc.constantFrom('{', '}', '{\n', '\n}', '\n', '\n', ' ') },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...['$A', '${A}', '$A=', '$B= \\\n', '\\', '\\\n', '~SEQ(A,1,3)', '~SEQx(A, 0xa, 0xc)', '~LST(A,b,c)'],
      ...[
        '~LST({A,B},{1,2},{3})',
        '@main',
        '@^main',
        '@other',
        'include other.conf',
        'include self.conf',
        '"',
        "'",
      ],
      ...[
        '# c',
        '!',
        '10.0.0.1',
        '2001:db8::1',
        '192.0.2.1-9',
        '192.0.2.0/30',
        '0',
        '1',
        '80',
        '-5',
        '3.5',
        'fwmark',
      ],
      ...[
        'group',
        'on',
        'TCP',
        'wlc',
        'TUN',
        'type',
        'gue',
        '/bin/x',
        '${_RANDOM 1 2}',
        '${_ENV HOME}',
        '${_PWD}',
      ],
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 3 }) },
);

test('token soup is a configuration or CONFIG_INVALID', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(token, fc.constantFrom(' ', ' ', '\n', '')), { maxLength: 60 }),
      (tokens) => {
        assertHandled(tokens.flat().join(''));
      },
    ),
    { numRuns: 3000 },
  );
});

test('the sample is a configuration', () => {
  assert.equal(parsed(SAMPLE, fakeEnvironment(FILES)).table.services.length, 1 + 3 + 4 + 1);
});

test('a mutated sample is a configuration or CONFIG_INVALID', () => {
  const edit = fc.record({
    at: fc.nat(SAMPLE.length),
    removed: fc.nat(8),
    inserted: fc.oneof(fc.constant(''), token),
  });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
      let text = SAMPLE;
      for (const { at, removed, inserted } of edits) {
        text = text.slice(0, at) + inserted + text.slice(at + removed);
      }
      assertHandled(text.replace(/\d{7,}/g, '9'));
    }),
    { numRuns: 3000 },
  );
});

test('lines in another order are a configuration or CONFIG_INVALID', () => {
  const lines = SAMPLE.split('\n');
  fc.assert(
    fc.property(fc.shuffledSubarray(lines), (some) => {
      assertHandled(some.join('\n'));
    }),
    { numRuns: 1000 },
  );
});

test('any bytes are a configuration or CONFIG_INVALID', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      assertHandled(Buffer.from(bytes).toString('utf8'));
    }),
    { numRuns: 1000 },
  );
});
