import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import {
  type CacheEntry,
  decodeCacheEntry,
  encodeCacheEntry,
} from '../../src/engines/ebpf/codec/cache-codec.ts';
import { drain } from './harness/drain.ts';
import { Lab, whyNoLab } from './harness/lab.ts';
import { entriesOf } from './harness/map-entries.ts';
import { HZ } from './harness/table-maps.ts';
import { segment } from './harness/traffic.ts';

const DAY = 86_400;

describe('what lblc and lblcr remember (facts 2.2)', { skip: whyNoLab }, () => {
  let lab: Lab;
  let port = 7000;
  beforeEach(() => {
    lab = new Lab({ connections: 256 });
  });
  afterEach(() => {
    drain(lab);
    lab.close();
  });

  const service = (scheduler: string) =>
    lab.configure(`
      -A -f 6 -s ${scheduler}
      -a -f 6 -r 10.2.0.11 -g -w 2
      -a -f 6 -r 10.2.0.12 -g -w 2
      -a -f 6 -r 10.2.0.13 -g -w 2`);

  /** An active connection to an address of the mark. */
  function arrive(address: string): string | undefined {
    const text = `10.1.0.2:${++port} > ${address}:80`;
    const { server } = segment(lab, text, 'S', { mark: 6 });
    segment(lab, text, 'A', { mark: 6 });
    return server;
  }

  function cache(): { readonly key: Uint8Array; readonly entry: CacheEntry; readonly servers: string[] }[] {
    return [...entriesOf(lab.plane.map('balance_cache'))].map(([key, value]) => {
      const entry = decodeCacheEntry(value);
      return { key, entry, servers: entry.members.map((id) => lab.destination(id).address) };
    });
  }

  for (const scheduler of ['lblc', 'lblcr']) {
    test(`${scheduler}: an address keeps its server until that is busy and another is not`, async () => {
      await service(scheduler);
      assert.deepEqual(
        [1, 2, 3].map(() => arrive('198.51.100.1')),
        ['10.2.0.13', '10.2.0.13', '10.2.0.13'],
      );
      // Three active ones are more than its weight of 2, and the others have less than half of theirs.
      assert.equal(arrive('198.51.100.1'), '10.2.0.12');
      const remembered = scheduler === 'lblc' ? ['10.2.0.12'] : ['10.2.0.12', '10.2.0.13'];
      assert.deepEqual(cache()[0]?.servers, remembered);
      assert.equal(arrive('198.51.100.2'), '10.2.0.11');
      assert.equal(cache().length, 2);
    });
  }

  test('lblcr: a set of several that did not change for a day loses its most loaded member', async () => {
    await service('lblcr');
    for (let nth = 0; nth < 4; nth++) arrive('198.51.100.1');
    const age = (seconds: number): void => {
      for (const { key, entry } of cache()) {
        const lastModified = entry.lastModified - seconds * HZ;
        lab.plane.map('balance_cache').update(key, encodeCacheEntry({ ...entry, lastModified }));
      }
    };
    age(DAY - 60);
    assert.equal(arrive('198.51.100.1'), '10.2.0.12');
    assert.deepEqual(cache()[0]?.servers, ['10.2.0.12', '10.2.0.13']);
    age(120);
    assert.equal(arrive('198.51.100.1'), '10.2.0.12');
    assert.deepEqual(cache()[0]?.servers, ['10.2.0.12']);
  });

  for (const scheduler of ['lblc', 'lblcr']) {
    test(`${scheduler}: a server that was deleted is not chosen from it`, async () => {
      await service(scheduler);
      assert.equal(arrive('198.51.100.1'), '10.2.0.13');
      await lab.configure('-d -f 6 -r 10.2.0.13');
      assert.notEqual(arrive('198.51.100.1'), '10.2.0.13');
    });
  }
});
