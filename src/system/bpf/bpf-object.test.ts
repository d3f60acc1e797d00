import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { BpfError } from './bpf-error.ts';
import { BpfMap } from './bpf-map.ts';
import { BpfObject } from './bpf-object.ts';
import * as c from './constants.ts';
import { readMapInfo } from './map-info.ts';
import { readProgramInfo } from './program-info.ts';
import { testRun } from './test-run.ts';
import { loadTinyObject, openTinyObject, whyNoTinyObject } from './testing/tiny-object.ts';

describe('BpfObject', { skip: whyNoTinyObject }, () => {
  const packet = new Uint8Array(64).fill(1);

  it('lists programs, maps and constants', () => {
    const object = openTinyObject();
    assert.deepEqual(
      [...object.programs.values()].map(({ name, section }) => [name, section]),
      [
        ['tiny_xdp', 'xdp'],
        ['tiny_tc', 'tc'],
        ['tiny_syscall', 'syscall'],
        ['tiny_emit', 'syscall'],
        ['tiny_hold', 'syscall'],
        ['tiny_iterator', 'iter/bpf_map_elem'],
        ['tiny_refused', 'xdp'],
      ],
    );
    assert.deepEqual([...object.maps.keys()].sort(), [
      '.rodata',
      'counters',
      'draft',
      'entries',
      'events',
      'tables',
    ]);
    assert.deepEqual([...object.constants.keys()].sort(), ['counting', 'mark', 'verdict']);
    assert.throws(() => object.program('none'), /^RangeError: tiny has no program none: it has tiny_xdp, /);
    assert.throws(() => object.map('none'), /^RangeError: tiny has no map none: it has \w+, /);
    object.close();
    object.close();
  });

  it('runs programs with constants that were set before the load', () => {
    const object = loadTinyObject((each) =>
      each.setConstants({ verdict: c.XDP_DROP, counting: true, mark: 5n }),
    );
    try {
      const program = object.program('tiny_xdp');
      for (let run = 0; run < 10; run++) {
        const { verdict, data } = testRun(program, { data: packet });
        assert.equal(verdict, c.XDP_DROP);
        assert.deepEqual(data, packet);
      }
      assert.equal(countOf(object), 50n);
    } finally {
      object.close();
    }
  });

  it('runs programs several times in one call', () => {
    const object = loadTinyObject((each) => each.setConstants({ counting: true }));
    try {
      testRun(object.program('tiny_xdp'), { data: packet, repeat: 10 });
      assert.ok(countOf(object) >= 10n, 'more where a signal made the kernel start over');
    } finally {
      object.close();
    }
  });

  it('tells what a loaded program is', () => {
    const object = loadTinyObject();
    try {
      const info = readProgramInfo(object.program('tiny_xdp').fd);
      assert.deepEqual([info.type, info.name, info.tag.length], [c.BPF_PROG_TYPE_XDP, 'tiny_xdp', 16]);
      assert.ok(info.translatedLength > 0 && info.verifiedInstructions > 0 && info.loadedAt > 0n);
      const maps = ['counters', '.rodata'].map((name) => readMapInfo(object.map(name).fd).id);
      assert.deepEqual(
        info.mapIds.toSorted((a, b) => a - b),
        maps.toSorted((a, b) => a - b),
      );
    } finally {
      object.close();
    }
  });

  it('runs programs of type syscall, which write their context', () => {
    const object = loadTinyObject();
    try {
      const context = new Uint8Array(new Uint32Array([21, 0]).buffer);
      const result = testRun(object.program('tiny_syscall'), { context });
      assert.equal(result.verdict, 7);
      assert.deepEqual(result.context, new Uint8Array(new Uint32Array([21, 42]).buffer));
      assert.equal(context[4], 0, 'the caller keeps what it gave');
    } finally {
      object.close();
    }
  });

  it('gives the context back where there is room for it', () => {
    const object = loadTinyObject();
    try {
      // struct xdp_md: data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex
      const context = new Uint8Array(new Uint32Array([0, packet.length, 0, 0, 0, 0]).buffer);
      const result = testRun(object.program('tiny_xdp'), { data: packet, context, contextRoom: 24 });
      assert.deepEqual(result.context, context);
    } finally {
      object.close();
    }
  });

  it('resizes and reuses maps', () => {
    const options = { type: c.BPF_MAP_TYPE_HASH, keySize: 4, valueSize: 8, maxEntries: 100 };
    const mine = BpfMap.create(options);
    const resized = loadTinyObject((each) => each.map('entries').setMaxEntries(33));
    const reusing = loadTinyObject((each) => each.map('entries').reuse(mine));
    try {
      assert.equal(resized.map('entries').maxEntries, 33);
      assert.equal(readMapInfo(resized.map('entries').fd).maxEntries, 33);
      assert.equal(readMapInfo(reusing.map('entries').fd).id, readMapInfo(mine.fd).id);
    } finally {
      reusing.close();
      resized.close();
      mine.close();
    }
  });

  it('leaves programs out', () => {
    const object = loadTinyObject((each) => each.program('tiny_tc').setAutoload(false));
    try {
      assert.throws(() => object.program('tiny_tc').fd, BpfError);
      assert.ok(object.program('tiny_xdp').fd > 0);
    } finally {
      object.close();
    }
  });

  it('refuses constants that do not fit or do not exist', () => {
    const object = openTinyObject();
    const refusals: [Record<string, number | bigint | Uint8Array>, RegExp][] = [
      [{ counting: 256 }, /constant counting has 1 bytes, which 256 does not fit/],
      [{ verdict: -(2n ** 31n) - 1n }, /constant verdict has 4 bytes/],
      [{ mark: new Uint8Array(7) }, /constant mark has 8 bytes, not 7/],
      [{ other: 1 }, /tiny has no constant other: it has /],
    ];
    for (const [values, message] of refusals) assert.throws(() => object.setConstants(values), message);
    object.setConstants({ verdict: -1, mark: new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]), counting: 255 });
    assert.deepEqual([...object.map('.rodata').initialValue().subarray(0, 5)], [255, 255, 255, 255, 255]);
    object.close();
  });

  it('says what the verifier said', () => {
    assert.throws(
      () => loadTinyObject((each) => each.program('tiny_refused').setAutoload(true)),
      (error) =>
        error instanceof BpfError &&
        error.code === 'EACCES' &&
        error.message.includes('invalid access to packet') &&
        error.log?.includes("prog 'tiny_refused'") === true,
    );
  });

  it('says why bytes are no object', () => {
    assert.throws(
      () => BpfObject.open(new Uint8Array(100), 'rubbish'),
      /rubbish.* is not a proper ELF object/s,
    );
  });

  it('leaves no descriptor open', () => {
    loadTinyObject().close();
    const before = descriptors();
    for (let round = 0; round < 5; round++) loadTinyObject().close();
    assert.equal(descriptors(), before);
  });
});

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** What the programs of all processors counted. */
function countOf(object: BpfObject): bigint {
  const counters = object.map('counters').open();
  try {
    const counts = counters.lookup(new Uint8Array(4), new Uint8Array(counters.valueSize));
    return new BigUint64Array(counts?.buffer ?? new ArrayBuffer()).reduce((a, b) => a + b, 0n);
  } finally {
    counters.close();
  }
}
