import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BpfError } from './bpf-error.ts';
import { BpfMap, type BpfMapOptions } from './bpf-map.ts';
import * as c from './constants.ts';
import { deleteEntries } from './delete-entries.ts';
import { readMapInfo } from './map-info.ts';
import { openById } from './open-by-id.ts';
import { readPages } from './read-pages.ts';
import { whyNoBpf } from './testing/why-no-bpf.ts';
import { updateEntries } from './update-entries.ts';

describe('BpfMap', { skip: whyNoBpf }, () => {
  const hash = { type: c.BPF_MAP_TYPE_HASH, keySize: 4, valueSize: 8, maxEntries: 16, name: 'test_hash' };

  it('sets, finds and deletes entries', () => {
    withMap(hash, (map) => {
      assert.equal(map.lookup(u32(1)), undefined);
      assert.equal(map.update(u32(1), u64(10n)), true);
      assert.equal(map.update(u32(1), u64(11n), 'new'), false);
      assert.equal(map.update(u32(2), u64(12n), 'existing'), false);
      assert.equal(map.update(u32(1), u64(13n), 'existing'), true);
      const into = new Uint8Array(8);
      assert.equal(map.lookup(u32(1), into), into);
      assert.deepEqual(into, u64(13n));
      assert.equal(map.delete(u32(1)), true);
      assert.equal(map.delete(u32(1)), false);
    });
  });

  it('walks through its keys', () => {
    withMap(hash, (map) => {
      assert.equal(map.nextKey(undefined), undefined);
      for (let key = 0; key < 5; key++) map.update(u32(key), u64(0n));
      const seen: number[] = [];
      for (let key = map.nextKey(undefined); key !== undefined; key = map.nextKey(key))
        seen.push(numberOf(key));
      assert.deepEqual(
        seen.sort((a, b) => a - b),
        [0, 1, 2, 3, 4],
      );
    });
  });

  it('says what a map is, also from a descriptor alone', () => {
    withMap(hash, (map) => {
      const { id, ...info } = readMapInfo(map.fd);
      assert.ok(id > 0);
      assert.deepEqual(info, { ...hash, flags: 0 });
      const same = BpfMap.fromDescriptor(openById('map', id));
      map.update(u32(3), u64(4n));
      assert.deepEqual(same.lookup(u32(3)), u64(4n));
      same.close();
      assert.throws(() => openById('map', 0xffff_fff0), { code: 'ENOENT' });
    });
    assert.throws(() => BpfMap.fromDescriptor(-1), BpfError);
  });

  it('names the map and the errno when the kernel refuses', () => {
    withMap({ ...hash, maxEntries: 1 }, (map) => {
      map.update(u32(1), u64(0n));
      assert.throws(
        () => map.update(u32(2), u64(0n)),
        (error) =>
          error instanceof BpfError &&
          error.code === 'E2BIG' &&
          error.message.startsWith('BPF_MAP_UPDATE_ELEM test_hash: '),
      );
    });
    assert.throws(() => BpfMap.create({ ...hash, maxEntries: 0 }), { code: 'EINVAL' });
  });

  it('refuses keys and values of other lengths', () => {
    withMap(hash, (map) => {
      const message = 'map test_hash: a key has 4 bytes, not 8';
      assert.throws(() => map.lookup(u64(0n)), { name: 'RangeError', message });
      assert.throws(() => map.update(u32(0), u32(0)), RangeError);
      assert.throws(() => map.lookup(u32(0), new Uint8Array(4)), RangeError);
    });
  });

  it('has a value for each processor in per-CPU maps', () => {
    const types = [c.BPF_MAP_TYPE_PERCPU_ARRAY, c.BPF_MAP_TYPE_PERCPU_HASH, c.BPF_MAP_TYPE_LRU_PERCPU_HASH];
    for (const type of types)
      withMap({ type, keySize: 4, valueSize: 4, maxEntries: 4 }, (map) => {
        assert.equal(map.valueStride, 8);
        assert.equal(map.valueSize, 8 * map.cpus);
        const value = new Uint8Array(map.valueSize);
        const view = new DataView(value.buffer);
        for (let cpu = 0; cpu < map.cpus; cpu++) view.setUint32(cpu * map.valueStride, cpu + 1, true);
        map.update(u32(2), value);
        assert.deepEqual(map.lookup(u32(2)), value);
      });
  });

  it('holds maps', () => {
    for (const type of [c.BPF_MAP_TYPE_ARRAY_OF_MAPS, c.BPF_MAP_TYPE_HASH_OF_MAPS])
      withMap({ type: c.BPF_MAP_TYPE_ARRAY, keySize: 4, valueSize: 4, maxEntries: 2 }, (innerMap) =>
        withMap({ type, keySize: 4, valueSize: 4, maxEntries: 2, innerMap }, (map) => {
          map.update(u32(1), u32(innerMap.fd));
          assert.equal(numberOf(map.lookup(u32(1))), readMapInfo(innerMap.fd).id);
        }),
      );
  });

  it('finds the longest prefix', () => {
    const flags = c.BPF_F_NO_PREALLOC;
    withMap({ type: c.BPF_MAP_TYPE_LPM_TRIE, keySize: 8, valueSize: 4, maxEntries: 4, flags }, (map) => {
      map.update(prefix(8, [10, 0, 0, 0]), u32(1));
      map.update(prefix(24, [10, 1, 2, 0]), u32(2));
      assert.equal(numberOf(map.lookup(prefix(32, [10, 1, 2, 3]))), 2);
      assert.equal(numberOf(map.lookup(prefix(32, [10, 9, 9, 9]))), 1);
      assert.equal(map.lookup(prefix(32, [11, 0, 0, 1])), undefined);
      assert.equal([...readPages(map)].length, 1);
    });
  });

  it('cannot be changed once frozen', () => {
    withMap({ type: c.BPF_MAP_TYPE_ARRAY, keySize: 4, valueSize: 4, maxEntries: 2 }, (map) => {
      map.freeze();
      assert.throws(() => map.update(u32(0), u32(1)), { code: 'EPERM' });
    });
  });
});

describe('pages and batches', { skip: whyNoBpf }, () => {
  const COUNT = 12_000;
  const maps: Record<string, BpfMapOptions> = {
    hash: { type: c.BPF_MAP_TYPE_HASH, keySize: 4, valueSize: 8, maxEntries: 20_000 },
    lru: { type: c.BPF_MAP_TYPE_LRU_HASH, keySize: 4, valueSize: 8, maxEntries: 40_000 },
    array: { type: c.BPF_MAP_TYPE_ARRAY, keySize: 4, valueSize: 8, maxEntries: COUNT },
    // A long key has a longer cursor than a hash needs, and less than half of the trie is in use.
    trie: {
      type: c.BPF_MAP_TYPE_LPM_TRIE,
      keySize: 8,
      valueSize: 8,
      maxEntries: 30_000,
      flags: c.BPF_F_NO_PREALLOC,
    },
  };
  for (const [name, options] of Object.entries(maps))
    for (const pageSize of [100, 1024, 1_000_000])
      it(`sets ${COUNT} entries of a ${name} and reads them in pages of ${pageSize}`, () => {
        withMap(options, (map) => {
          const { keys, values } = entries(map, COUNT);
          updateEntries(map, keys, values, COUNT);
          const seen = new Set<number>();
          for (const page of readPages(map, pageSize)) {
            assert.ok(page.count <= Math.max(pageSize, 1024));
            for (let index = 0; index < page.count; index++) {
              const key = numberOf(page.keys.subarray((index + 1) * map.keySize - 4));
              assert.equal(numberOf(page.values.subarray(index * map.valueSize)), key * 3);
              seen.add(key);
            }
          }
          assert.equal(seen.size, COUNT);
        });
      });

  it('grows a page that is smaller than a bucket', () => {
    withMap({ type: c.BPF_MAP_TYPE_HASH, keySize: 4, valueSize: 8, maxEntries: 4096 }, (map) => {
      const { keys, values } = entries(map, 4096);
      updateEntries(map, keys, values, 4096);
      const counts = [...readPages(map, 1)].map(({ count }) => count);
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        4096,
      );
      assert.ok(Math.max(...counts) > 1, 'no bucket has two of 4096 entries in as many buckets');
    });
  });

  it('reads the values of all processors', () => {
    withMap({ type: c.BPF_MAP_TYPE_PERCPU_HASH, keySize: 4, valueSize: 8, maxEntries: 100 }, (map) => {
      const value = new BigUint64Array(map.cpus).fill(5n);
      for (let key = 0; key < 100; key++) map.update(u32(key), new Uint8Array(value.buffer));
      let sum = 0n;
      for (const { count, values } of readPages(map, 64))
        for (const each of new BigUint64Array(values.buffer, 0, count * map.cpus)) sum += each;
      assert.equal(sum, BigInt(500 * map.cpus));
    });
  });

  it('has no pages where the map is empty', () => {
    withMap({ type: c.BPF_MAP_TYPE_HASH, keySize: 4, valueSize: 8, maxEntries: 8 }, (map) => {
      assert.deepEqual([...readPages(map)], []);
      updateEntries(map, new Uint8Array(), new Uint8Array(), 0);
      assert.throws(() => updateEntries(map, new Uint8Array(4), new Uint8Array(4), 1), RangeError);
    });
  });

  it('sets entries one by one where the type has no batches', () => {
    withMap({ type: c.BPF_MAP_TYPE_DEVMAP_HASH, keySize: 4, valueSize: 4, maxEntries: 4 }, (map) => {
      updateEntries(map, u32(7), u32(1), 1);
      assert.equal(numberOf(map.lookup(u32(7))), 1);
    });
  });

  it('deletes entries in batches, and passes over those that are not there', () => {
    const types = [
      { type: c.BPF_MAP_TYPE_HASH, keySize: 4, valueSize: 8, maxEntries: 1000 },
      { type: c.BPF_MAP_TYPE_DEVMAP_HASH, keySize: 4, valueSize: 4, maxEntries: 1000 },
    ];
    for (const options of types)
      withMap(options, (map) => {
        const value = new Uint8Array(map.valueSize).fill(1, 0, 1);
        for (let key = 0; key < 1000; key++) if (key % 100 !== 50) map.update(u32(key), value);
        const { keys } = entries(map, 1000);
        assert.equal(deleteEntries(map, keys, 1000), 990);
        assert.equal(map.nextKey(undefined), undefined);
        assert.equal(deleteEntries(map, keys, 3), 0);
        assert.equal(deleteEntries(map, keys, 0), 0);
        assert.throws(() => deleteEntries(map, keys, 1001), RangeError);
      });
  });

  it('says when the map is full', () => {
    withMap({ type: c.BPF_MAP_TYPE_HASH, keySize: 4, valueSize: 8, maxEntries: 8 }, (map) => {
      const { keys, values } = entries(map, 1000);
      assert.throws(() => updateEntries(map, keys, values, 1000), { code: 'E2BIG' });
    });
  });
});

function withMap(options: BpfMapOptions, work: (map: BpfMap) => void): void {
  const map = BpfMap.create(options);
  try {
    work(map);
  } finally {
    map.close();
  }
}

/** Keys that end in their index, as whole prefixes where there is room for a length, and values of three times the index. */
function entries(map: BpfMap, count: number): { keys: Uint8Array; values: Uint8Array } {
  const keys = new Uint8Array(count * map.keySize);
  const values = new Uint8Array(count * map.valueSize);
  for (let index = 0; index < count; index++) {
    const key = new DataView(keys.buffer, index * map.keySize, map.keySize);
    if (map.keySize === 8) key.setUint32(0, 32, true);
    key.setUint32(map.keySize - 4, index, true);
    new DataView(values.buffer).setUint32(index * map.valueSize, index * 3, true);
  }
  return { keys, values };
}

function u32(value: number): Uint8Array {
  return new Uint8Array(new Uint32Array([value]).buffer);
}

function u64(value: bigint): Uint8Array {
  return new Uint8Array(new BigUint64Array([value]).buffer);
}

function prefix(length: number, address: readonly number[]): Uint8Array {
  return new Uint8Array([...u32(length), ...address]);
}

function numberOf(bytes: Uint8Array | undefined): number {
  assert.ok(bytes);
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}
