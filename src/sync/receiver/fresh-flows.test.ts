import assert from 'node:assert/strict';
import { it } from 'node:test';
import { recordOf } from '../../../test/sync/fixture/record-of.ts';
import { FreshFlows } from './fresh-flows.ts';

it('what is told behind the beginning of a table is newer than the table, what came before is in it', () => {
  const fresh = new FreshFlows();
  fresh.note(recordOf(0), 4);
  fresh.note(recordOf(1), 5);
  fresh.note(recordOf(2));
  fresh.begin(4);
  fresh.note(recordOf(3), 4);
  fresh.note(recordOf(4), 6);
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5].map((number) => fresh.has(recordOf(number))),
    [false, true, true, false, true, false],
  );
});
