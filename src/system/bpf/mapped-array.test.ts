import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BpfMap } from './bpf-map.ts';
import { BPF_F_MMAPABLE, BPF_MAP_TYPE_ARRAY } from './constants.ts';
import { MappedArray } from './mapped-array.ts';
import { whyNoBpf } from './testing/why-no-bpf.ts';

describe('MappedArray', { skip: whyNoBpf }, () => {
  const options = { type: BPF_MAP_TYPE_ARRAY, keySize: 4, valueSize: 4, maxEntries: 1000 };
  const seven = new Uint8Array([7, 0, 0, 0]);

  it('is the same memory as the map', () => {
    const map = BpfMap.create({ ...options, flags: BPF_F_MMAPABLE });
    const mapped = new MappedArray(map);
    assert.equal(mapped.stride, 8);
    assert.equal(mapped.bytes.length, 8000);
    map.update(seven, new Uint8Array([1, 2, 3, 4]));
    assert.deepEqual([...mapped.bytes.subarray(7 * 8, 7 * 8 + 4)], [1, 2, 3, 4]);
    mapped.bytes[7 * 8] = 99;
    assert.deepEqual(map.lookup(seven), new Uint8Array([99, 2, 3, 4]));
    map.close();
    assert.equal(mapped.bytes[7 * 8], 99);
    mapped.close();
  });

  it('leaves nothing to reach once it is closed', () => {
    for (let round = 0; round < 100; round++) {
      const map = BpfMap.create({ ...options, flags: BPF_F_MMAPABLE });
      const mapped = new MappedArray(map);
      map.close();
      const view = new DataView(mapped.bytes.buffer);
      mapped.close();
      mapped.close();
      assert.equal(mapped.bytes.length, 0);
      assert.throws(() => view.getUint8(0), TypeError);
    }
  });

  it('refuses maps that were not made for it', () => {
    const map = BpfMap.create(options);
    assert.throws(() => new MappedArray(map), { name: 'SystemCallError', call: 'mmap' });
    map.close();
  });
});
