import assert from 'node:assert/strict';
import { it } from 'node:test';
import { importsOf } from './source-file.ts';

it('finds every kind of import, and none in comments', () => {
  // Spelt apart, lest the architecture test takes the samples for imports of this file.
  const text = [
    "IMPORT './a.ts';",
    'IMPORT {',
    '  b,',
    "} FROM './b.ts';",
    "export * FROM '../model/c.ts';",
    "const d = await IMPORT('./d.ts');",
    "IMPORT type { E } FROM 'e/types'; IMPORT i FROM 'i';",
    "export const f = () => Array.from('f');",
    "// IMPORT './g.ts'",
    " * {@link IMPORT('./h.ts')}",
  ]
    .join('\n')
    .replaceAll('IMPORT', 'import')
    .replaceAll('FROM', 'from');
  assert.deepEqual(
    importsOf('src/api/x.ts', text).map(({ specifier, line, target }) => [specifier, line, target]),
    [
      ['./a.ts', 1, 'src/api/a.ts'],
      ['./b.ts', 4, 'src/api/b.ts'],
      ['../model/c.ts', 5, 'src/model/c.ts'],
      ['e/types', 7, undefined],
      ['i', 7, undefined],
      ['./d.ts', 6, 'src/api/d.ts'],
    ],
  );
});
