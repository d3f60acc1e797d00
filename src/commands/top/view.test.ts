import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrange, SORT_ORDERS } from './arrange.ts';
import { rowsOf } from './row.ts';
import { sampleOfTraffic } from './sample-of-traffic.ts';
import { shortNumber, shortText } from './short-number.ts';
import { FIRST_VIEW, keysOf, press, type View } from './view.ts';

const EXTENT = { rows: 40, page: 10 };

function pressAll(keys: readonly string[], from: Partial<View> = {}): View {
  return keys.reduce((view, key) => press(view, key, EXTENT), { ...FIRST_VIEW, ...from });
}

test('letters sort', () => {
  assert.deepEqual(
    ['c', 'p', 'b', 'a', 'n']
      .map((key) => pressAll([key], { offset: 5 }))
      .map(({ order, offset }) => [order, offset]),
    SORT_ORDERS.map((order) => [order, 0]),
  );
});

test('keys scroll as far as there are rows', () => {
  const offset = (...keys: string[]) => pressAll(keys, { offset: 15 }).offset;
  assert.deepEqual(
    [offset('up'), offset('down'), offset('page-up'), offset('page-down'), offset('home'), offset('end')],
    [14, 16, 5, 25, 0, 30],
  );
  assert.deepEqual([offset('page-up', 'page-up', 'k'), offset('end', 'j')], [0, 30]);
  assert.equal(press({ ...FIRST_VIEW, offset: 3 }, 'down', { rows: 2, page: 10 }).offset, 0);
});

test('a filter is typed, kept and cleared; letters are then no commands', () => {
  assert.deepEqual(pressAll(['/', 'q', 'n', 'x', 'backspace', 'up']), {
    ...FIRST_VIEW,
    typing: true,
    filter: 'qn',
  });
  assert.deepEqual(pressAll(['/', 'q', 'enter']), { ...FIRST_VIEW, filter: 'q' });
  assert.deepEqual(pressAll(['/', 'q', 'escape']), FIRST_VIEW);
  assert.deepEqual(pressAll(['escape'], { filter: 'q' }), FIRST_VIEW);
});

test('space pauses; q and Ctrl-C end, Ctrl-C also while typing', () => {
  assert.equal(pressAll([' ']).paused, true);
  assert.equal(pressAll([' ', ' ']).paused, false);
  assert.deepEqual(
    [pressAll(['q']).ended, pressAll(['ctrl-c']).ended, pressAll(['/', 'ctrl-c']).ended],
    [true, true, true],
  );
  assert.deepEqual(pressAll(['z', 'ctrl-l']), FIRST_VIEW);
});

test('what a terminal sends becomes keys; what nobody knows is dropped', () => {
  assert.deepEqual(keysOf('a\u001b[A\u001bOB\u001b[5~\u001b[6~\u001b[H\u001b[4~\u007f\r\u0003'), [
    'a',
    'up',
    'down',
    'page-up',
    'page-down',
    'home',
    'end',
    'backspace',
    'enter',
    'ctrl-c',
  ]);
  assert.deepEqual(keysOf('\u001b'), ['escape']);
  assert.deepEqual(keysOf('\u001b[1;5A\u001b[15~ü\u0001/'), ['/']);
});

test('rows are sorted by what is asked for, destinations within their services, and names by their numbers', async () => {
  const rows = rowsOf(await sampleOfTraffic(2), await sampleOfTraffic(0));
  const order = (...args: [(typeof SORT_ORDERS)[number], string]) =>
    arrange(rows, ...args).map(({ service, destinations }) => [
      service.slice(0, 6),
      ...destinations.map((each) => each.destination.slice(0, 9)),
    ]);
  const last = ['udp [2', '[2001:db8'];
  const mark = ['fwmark', '192.168.1'];
  for (const by of ['connections', 'packets', 'bytes'] as const) {
    assert.deepEqual(order(by, ''), [last, ['tcp 19', '10.0.0.11', '10.0.0.9:'], mark]);
  }
  assert.deepEqual(order('active', ''), [['tcp 19', '10.0.0.11', '10.0.0.9:'], last, mark]);
  assert.deepEqual(order('name', ''), [mark, ['tcp 19', '10.0.0.9:', '10.0.0.11'], last]);
  assert.deepEqual(order('name', 'TCP'), [['tcp 19', '10.0.0.9:', '10.0.0.11']]);
  assert.deepEqual(order('name', '0.0.9:'), [['tcp 19', '10.0.0.9:']]);
  assert.deepEqual(order('name', 'nothing'), []);
});

test('numbers have at most five characters', () => {
  const shown = [0, 0.25, 9.96, 10.4, 999, 999.5, 1234, 99_949, 99_950, 123_456, 4.5e6, 2_147_483_647, 1e18];
  assert.deepEqual(shown.map(shortNumber), [
    '0',
    '0.3',
    '10.0',
    '10',
    '999',
    '1.0k',
    '1.2k',
    '99.9k',
    '100k',
    '123k',
    '4.5M',
    '2.1G',
    '1000P',
  ]);
  for (let value = 0.01; value < 1e17; value *= 1.07)
    assert.ok(shortNumber(value).length <= 5, String(value));
});

test('texts are cut in the middle', () => {
  assert.deepEqual(
    [
      shortText('abcdefgh', 8),
      shortText('abcdefgh', 5),
      shortText('abcdefgh', 2),
      shortText('abcdefgh', 1),
      shortText('abcdefgh', 0),
    ],
    ['abcdefgh', 'ab…gh', 'a…', '…', ''],
  );
});
