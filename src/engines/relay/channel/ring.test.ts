import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import fc from 'fast-check';
import { createRingMemory, MESSAGE_WORDS, RingConsumer, RingProducer } from './ring.ts';

/** The word of the threads' own by which the producer wakes the consumer, in place of a doorbell. */
const RUNG = 0;

interface ProducerOptions {
  readonly memory: SharedArrayBuffer;
  readonly bell: SharedArrayBuffer;
  readonly messages: number;
  readonly burst: number;
}

if (isMainThread) {
  describe('ring', inOneThread);
  describe('ring between two threads', betweenThreads);
} else {
  produce(workerData as ProducerOptions);
}

function inOneThread(): void {
  test('hands over messages in order, absent words as 0', () => {
    const { producer, take } = makeRing(8);
    producer.push(1, 2, 3);
    producer.push(4, 5, 6, 7, 8, 9, 10, -11);
    assert.deepEqual(take(), [], 'nothing before the flush');
    producer.flush();
    assert.deepEqual(take(), [
      [1, 2, 3, 0, 0, 0, 0, 0],
      [4, 5, 6, 7, 8, 9, 10, -11],
    ]);
    assert.deepEqual(take(), []);
  });

  test('takes no more messages at once than it is asked for', () => {
    const { producer, take } = makeRing(8);
    for (let n = 0; n < 5; n++) producer.push(n);
    producer.flush();
    assert.deepEqual(kinds(take(2)), [0, 1]);
    assert.deepEqual(kinds(take(2)), [2, 3]);
    assert.deepEqual(kinds(take(2)), [4]);
  });

  test('keeps what does not fit, and its order', () => {
    const { producer, take } = makeRing(4);
    for (let n = 0; n < 11; n++) producer.push(n);
    producer.flush();
    assert.equal(producer.congested, true);
    assert.deepEqual(kinds(take()), [0, 1, 2, 3]);
    producer.push(11);
    producer.flush();
    assert.deepEqual(kinds(take()), [4, 5, 6, 7]);
    producer.flush();
    assert.equal(producer.congested, false);
    assert.deepEqual(kinds(take()), [8, 9, 10, 11]);
  });

  test('wakes a consumer that sleeps, once', () => {
    const { producer, consumer, take, rings } = makeRing(8);
    producer.push(1);
    producer.flush();
    assert.equal(rings(), 0, 'the consumer is awake');
    assert.equal(consumer.prepareSleep(), false, 'a message waits');
    take();
    assert.equal(consumer.prepareSleep(), true);
    producer.flush();
    assert.equal(rings(), 0, 'there is nothing to wake for');
    producer.push(2);
    producer.push(3);
    producer.flush();
    producer.push(4);
    producer.flush();
    assert.equal(rings(), 1);
    consumer.wake();
    assert.deepEqual(kinds(take()), [2, 3, 4]);
  });

  test('positions wrap at 2^31 and at 2^32', () => {
    for (const start of [2 ** 31 - 5, 2 ** 32 - 5]) {
      const { producer, take } = makeRing(4, start);
      let sent = 0;
      const received: number[] = [];
      while (sent < 20) {
        for (let n = 0; n < 3; n++) producer.push(sent++);
        producer.flush();
        received.push(...kinds(take()));
      }
      producer.flush();
      received.push(...kinds(take()));
      assert.deepEqual(received, counting(sent));
    }
  });

  test('is a queue, whatever the order of pushing, flushing and taking', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('push' as const), count: fc.integer({ min: 1, max: 12 }) }),
      fc.record({ kind: fc.constant('flush' as const) }),
      fc.record({ kind: fc.constant('take' as const), most: fc.integer({ min: 0, max: 9 }) }),
    );
    fc.assert(
      fc.property(fc.array(step), fc.constantFrom(0, 2 ** 31 - 3, 2 ** 32 - 3), (steps, start) => {
        const { producer, take } = makeRing(8, start);
        let sent = 0;
        const received: number[] = [];
        for (const action of steps) {
          if (action.kind === 'push') for (let n = 0; n < action.count; n++) producer.push(sent++);
          else if (action.kind === 'flush') producer.flush();
          else received.push(...kinds(take(action.most)));
        }
        while (received.length < sent) {
          producer.flush();
          received.push(...kinds(take()));
        }
        assert.deepEqual(received, counting(sent));
        assert.equal(producer.congested, false);
      }),
    );
  });
}

function betweenThreads(): void {
  const million = 1_000_000;
  const cases = [
    ['two millions in bursts that overflow', { messages: 2 * million, burst: 3000, start: 0 }],
    ['a hundred thousand one by one', { messages: million / 10, burst: 1, start: 0 }],
    ['a million over the wrap at 2^31', { messages: million, burst: 100, start: 2 ** 31 - million / 2 }],
    ['a million over the wrap at 2^32', { messages: million, burst: 100, start: 2 ** 32 - million / 2 }],
  ] as const;
  for (const [title, { messages, burst, start }] of cases) {
    test(title, { timeout: 30_000 }, async () => {
      const memory = createRingMemory(1024, start);
      const bell = new SharedArrayBuffer(4);
      const options: ProducerOptions = { memory, bell, messages, burst };
      const thread = new Worker(new URL(import.meta.url), { workerData: options });
      const left = new Promise((resolve, reject) => thread.once('exit', resolve).once('error', reject));
      try {
        consume(options);
        await left;
      } finally {
        await thread.terminate();
      }
    });
  }
}

/** Takes every message and checks it; sleeps and is woken like a pump. */
function consume({ memory, bell, messages }: ProducerOptions): void {
  const consumer = new RingConsumer(memory);
  const rung = new Int32Array(bell);
  let expected = 0;
  let wrong = 0;
  while (expected < messages) {
    if (consumer.prepareSleep()) {
      const woken = Atomics.wait(rung, RUNG, 0, 10_000);
      assert.notEqual(woken, 'timed-out', `no wake-up after message ${expected}`);
    }
    Atomics.store(rung, RUNG, 0);
    consumer.wake();
    consumer.drain((words, at) => {
      for (let word = 0; word < MESSAGE_WORDS; word++) if (words[at + word] !== expected + word) wrong++;
      expected++;
    }, 512);
  }
  assert.equal(wrong, 0);
}

function produce({ memory, bell, messages, burst }: ProducerOptions): void {
  const rung = new Int32Array(bell);
  const producer = new RingProducer(memory, () => {
    Atomics.store(rung, RUNG, 1);
    Atomics.notify(rung, RUNG);
  });
  for (let n = 0; n < messages; n++) {
    producer.push(n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7);
    if (n % burst === burst - 1) flushAll(producer);
  }
  flushAll(producer);
}

function flushAll(producer: RingProducer): void {
  do producer.flush();
  while (producer.congested);
}

function makeRing(messages: number, start = 0) {
  const memory = createRingMemory(messages, start);
  let rings = 0;
  const producer = new RingProducer(memory, () => rings++);
  const consumer = new RingConsumer(memory);
  const take = (most = 1000): number[][] => {
    const taken: number[][] = [];
    consumer.drain((words, at) => taken.push([...words.subarray(at, at + MESSAGE_WORDS)]), most);
    return taken;
  };
  return { producer, consumer, take, rings: () => rings };
}

function kinds(messages: readonly (readonly number[])[]): number[] {
  return messages.map(([kind = Number.NaN]) => kind);
}

function counting(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}
