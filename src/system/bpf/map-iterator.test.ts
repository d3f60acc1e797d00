import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BpfObject } from './bpf-object.ts';
import { createMapIterator, walk } from './map-iterator.ts';
import { loadTinyObject, whyNoTinyObject } from './testing/tiny-object.ts';
import { updateEntries } from './update-entries.ts';

describe('map iterators', { skip: whyNoTinyObject }, () => {
  const COUNT = 5000;

  it('runs the program for each entry, in steps', () => {
    withEntries((object) => {
      const iterator = createMapIterator(object.program('tiny_iterator'), object.map('entries'));
      try {
        for (const most of [400, 100_000]) {
          const seen = new Set<number>();
          let steps = 0;
          for (const keys of walk(iterator, most)) {
            assert.ok(keys.length <= most);
            for (const key of new Uint32Array(keys.slice().buffer)) seen.add(key);
            steps++;
          }
          assert.equal(seen.size, COUNT);
          assert.ok(steps >= Math.ceil((COUNT * 4) / most));
        }
      } finally {
        iterator.close();
      }
    });
  });

  it('can be left early', () => {
    withEntries((object) => {
      const iterator = createMapIterator(object.program('tiny_iterator'), object.map('entries'));
      try {
        for (const keys of walk(iterator, 4)) {
          assert.equal(keys.length, 4);
          break;
        }
        assert.equal([...walk(iterator, 40_000)].length > 0, true);
      } finally {
        iterator.close();
      }
    });
  });

  it('refuses programs and maps of other kinds', () => {
    withEntries((object) => {
      assert.throws(() => createMapIterator(object.program('tiny_xdp'), object.map('entries')), {
        code: 'EINVAL',
      });
      assert.throws(() => createMapIterator(object.program('tiny_iterator'), object.map('tables')), {
        code: 'EINVAL',
      });
    });
  });

  function withEntries(work: (object: BpfObject) => void): void {
    const object = loadTinyObject((each) => each.map('entries').setMaxEntries(COUNT));
    const entries = object.map('entries').open();
    try {
      const keys = Uint32Array.from({ length: COUNT }, (_, index) => index);
      updateEntries(entries, new Uint8Array(keys.buffer), new Uint8Array(8 * COUNT), COUNT);
      work(object);
    } finally {
      entries.close();
      object.close();
    }
  }
});
