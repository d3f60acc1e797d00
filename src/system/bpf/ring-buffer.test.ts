import assert from 'node:assert/strict';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { BpfMap } from './bpf-map.ts';
import type { BpfObject } from './bpf-object.ts';
import { BPF_MAP_TYPE_ARRAY } from './constants.ts';
import { RingBuffer } from './ring-buffer.ts';
import { testRun } from './test-run.ts';
import type { HoldTask } from './testing/ring-holder.ts';
import { loadTinyObject, whyNoTinyObject } from './testing/tiny-object.ts';

/** As in tiny.bpf.c. */
const RING_BYTES = 65536;
const DRAFT_BYTES = 1024;
const HOLD_ENTRY = new Uint8Array([1, 0, 0, 0]);

describe('RingBuffer', { skip: whyNoTinyObject }, () => {
  let object: BpfObject;
  let map: BpfMap;
  let draft: BpfMap;
  let ring: RingBuffer;
  before(() => {
    object = loadTinyObject();
    map = object.map('events').open();
    draft = object.map('draft').open();
    ring = new RingBuffer(map);
  });
  after(() => {
    ring?.close();
    map?.close();
    draft?.close();
    object?.close();
  });

  /** Has the program write a record; false where the ring is full. */
  function emit(bytes: Uint8Array): boolean {
    const value = new Uint8Array(DRAFT_BYTES);
    value.set(bytes);
    draft.update(new Uint8Array(4), value);
    const context = new Uint8Array(Uint32Array.of(bytes.length, 0).buffer);
    return testRun(object.program('tiny_emit'), { context }).verdict === 0;
  }

  function discard(): void {
    const context = new Uint8Array(Uint32Array.of(0, 1).buffer);
    assert.equal(testRun(object.program('tiny_emit'), { context }).verdict, 0);
  }

  function readAll(limit?: number): Uint8Array[] {
    const records: Uint8Array[] = [];
    const count = ring.read((record) => records.push(record.slice()), limit);
    assert.equal(count, records.length);
    return records;
  }

  /** Bytes that say which record they are, of any length. */
  function recordOf(nth: number): Uint8Array {
    const length = (nth * 37) % (DRAFT_BYTES + 1);
    return Uint8Array.from({ length }, (_, index) => (nth + index * 7) & 255);
  }

  it('hands records over in order, each once', () => {
    assert.deepEqual(readAll(), []);
    const written = [1, 2, 3].map(recordOf);
    for (const record of written) assert.ok(emit(record));
    assert.deepEqual(readAll(), written);
    assert.deepEqual(readAll(), []);
  });

  it('hands over as many as it is asked for', () => {
    for (const nth of [1, 2, 3]) emit(recordOf(nth));
    assert.deepEqual(readAll(2), [1, 2].map(recordOf));
    assert.deepEqual(readAll(0), []);
    assert.deepEqual(readAll(2), [recordOf(3)]);
  });

  it('leaves out what was discarded', () => {
    discard();
    emit(recordOf(4));
    discard();
    emit(recordOf(5));
    discard();
    assert.deepEqual(readAll(1), [recordOf(4)]);
    assert.deepEqual(readAll(), [recordOf(5)]);
    assert.deepEqual(readAll(), []);
  });

  it('goes round the ring, records of all lengths across its end', () => {
    let bytes = 0;
    for (let nth = 0; bytes < 5 * RING_BYTES; nth += 3) {
      const written = [nth, nth + 1, nth + 2].map(recordOf);
      for (const record of written) assert.ok(emit(record));
      assert.deepEqual(readAll(), written);
      for (const record of written) bytes += record.length + 8;
    }
  });

  it('takes no more than it has room for, and goes on when it was read', () => {
    let written = 0;
    while (emit(recordOf(25 + written))) written += 1;
    assert.ok(written > RING_BYTES / (DRAFT_BYTES + 8), `${written} records fit`);
    assert.deepEqual(
      readAll(),
      Array.from({ length: written }, (_, nth) => recordOf(25 + nth)),
    );
    assert.ok(emit(recordOf(6)));
    assert.deepEqual(readAll(), [recordOf(6)]);
  });

  it('goes on behind a record that its taker threw on', () => {
    for (const nth of [7, 8]) emit(recordOf(nth));
    const cause = new Error('no more');
    assert.throws(
      () =>
        ring.read(() => {
          throw cause;
        }),
      cause,
    );
    assert.deepEqual(readAll(), [recordOf(8)]);
  });

  const whyNoHold = availableParallelism() < 2 && 'needs a second processor, as its program holds one';
  it('stops before a record that is being written', { skip: whyNoHold, timeout: 60_000 }, async () => {
    const entries = object.map('entries').open();
    const workerData: HoldTask = { program: object.program('tiny_hold').fd, argument: 99 };
    const worker = new Worker(new URL('testing/ring-holder.ts', import.meta.url), { workerData });
    try {
      const held = once(worker, 'message');
      while (entries.lookup(HOLD_ENTRY) === undefined) await new Promise((done) => setTimeout(done, 1));
      assert.ok(emit(recordOf(9)));
      const early = readAll();
      entries.delete(HOLD_ENTRY);
      assert.deepEqual(await held, [0], 'the writer waited for as long as it was to');
      assert.deepEqual(early, []);
      assert.deepEqual(readAll(), [new Uint8Array([99, 0, 0, 0]), recordOf(9)]);
    } finally {
      await worker.terminate();
      entries.close();
    }
  });

  it('goes on where the reader before stopped', () => {
    for (const nth of [10, 11]) emit(recordOf(nth));
    assert.deepEqual(readAll(1), [recordOf(10)]);
    ring.close();
    ring.close();
    assert.throws(() => ring.read(() => {}), { name: 'TypeError', message: 'the ring is closed' });
    ring = new RingBuffer(map);
    assert.deepEqual(readAll(), [recordOf(11)]);
  });

  it('refuses maps of other kinds', () => {
    const array = BpfMap.create({ type: BPF_MAP_TYPE_ARRAY, keySize: 4, valueSize: 4, maxEntries: 1 });
    assert.throws(() => new RingBuffer(array), { name: 'SystemCallError', call: 'mmap' });
    array.close();
  });
});
