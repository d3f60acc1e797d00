import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertOutput } from './tutorial-expectation.ts';

const LIST = 'TCP  127.0.0.10:8080 rr\n  -> 127.0.0.11:8000   Masq    1      0          12        \n';

describe('what a document shows', () => {
  test('is compared word by word, whatever the blanks', () => {
    assertOutput(LIST, 'TCP 127.0.0.10:8080 rr\n  -> 127.0.0.11:8000 Masq 1 0 12\n');
    assert.throws(() => assertOutput(LIST, 'TCP 127.0.0.10:8080 rr\n  -> 127.0.0.11:8000 Masq 1 0 13\n'));
    assert.throws(() => assertOutput(LIST, 'TCP 127.0.0.10:8080 rr\n'));
    assert.throws(() => assertOutput(LIST, `${LIST}more\n`));
    assert.throws(() => assertOutput('', 'something\n'));
    assert.throws(() => assertOutput('something\n', ''));
  });

  test('has … for any text within a line, and for any lines', () => {
    assertOutput(LIST, 'TCP  127.0.0.10:8080 …\n  -> 127.0.0.11:8000  Masq 1 0 …\n');
    assertOutput(LIST, 'TCP  127.0.0.10:8080 rr\n…\n');
    assertOutput(LIST, `${LIST}…\n`);
    assert.throws(() => assertOutput(LIST, '…8080\n'));
    assert.throws(() => assertOutput(LIST, '…\nUDP\n'));
  });

  test('has words that vary, whole numbers only', () => {
    const shown = LIST.replace('12 ', '7  ');
    assertOutput(LIST, shown, ['7']);
    assert.throws(() => assertOutput(LIST, shown));
    assert.throws(() => assertOutput(LIST, LIST.replace('8080', '8090'), ['80', '90']));
  });

  test('takes characters of regular expressions for themselves', () => {
    assertOutput('a (b) [c] d.e $f\n', 'a (b) [c] d.e $f\n');
    assert.throws(() => assertOutput('a (b) [c] dxe $f\n', 'a (b) [c] d.e $f\n'));
  });

  test('names both texts where they differ', () => {
    assert.throws(() => assertOutput('printed\n', 'shown\n'), /shown.*printed/s);
  });
});
