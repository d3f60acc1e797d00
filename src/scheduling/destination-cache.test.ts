import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IpAddress } from '../model/address.ts';
import { EXPIRATION } from './cache-collector.ts';
import { DestinationCache } from './destination-cache.ts';
import { hash32 } from './hash32.ts';

const MINUTE = 60 * 1000;
const MOST_ENTRIES = 16384;

test('an entry lives as long as it is used once a day', () => {
  const { cache, wait } = filled(1);
  for (let use = 0; use < 3; use++) {
    wait(EXPIRATION - MINUTE);
    assert.equal(cache.use(address(0)), 0);
  }
  wait(EXPIRATION + 30 * MINUTE);
  assert.equal(cache.use(address(0)), undefined);
  assert.equal(cache.size, 0);
});

test('unused entries go in the full sweep of every thirtieth minute', () => {
  const { cache, wait } = filled(2);
  // 1440 runs are a day: full sweeps are the 30th run and each 30th one after it, the last at exactly 24 hours.
  for (let minute = 1; minute < 24 * 60; minute++) {
    wait(MINUTE);
    cache.use(address(99_999));
    assert.equal(cache.size, 2);
  }
  wait(MINUTE);
  cache.use(address(99_999));
  assert.equal(cache.size, 0);
});

test('between full sweeps nothing goes', () => {
  const { cache, wait } = filled(1);
  wait(MINUTE);
  cache.use(address(0));
  // Unused for a day in minute 1441; the sweep after that is the one of minute 1470.
  wait(1468 * MINUTE);
  cache.use(address(99_999));
  assert.equal(cache.size, 1);
  wait(MINUTE);
  cache.use(address(99_999));
  assert.equal(cache.size, 0);
});

test('a full cache loses entries unused for six minutes, a third more than it has too many', () => {
  const excess = 300;
  const { cache, wait } = filled(MOST_ENTRIES + excess);
  for (let minute = 1; minute < 6; minute++) {
    wait(MINUTE);
    cache.use(address(99_999));
    assert.equal(cache.size, MOST_ENTRIES + excess);
  }
  wait(MINUTE);
  cache.use(address(99_999));
  const gone = MOST_ENTRIES + excess - cache.size;
  // Whole buckets go, and each has about 16 entries.
  assert.ok(gone >= 400 && gone < 440, `${gone} are gone`);
  // From the bucket after the first on.
  const left = new Set<number>();
  for (let entry = 0; entry < MOST_ENTRIES + excess; entry++) {
    if (cache.use(address(entry)) !== undefined) left.add(hash32(0x0a000000 + entry, 10));
  }
  const emptied = Array.from({ length: 1024 }, (_, bucket) => bucket).filter((bucket) => !left.has(bucket));
  assert.deepEqual(
    emptied,
    emptied.map((_, index) => index + 1),
  );
  wait(MINUTE);
  cache.use(address(99_999));
  assert.equal(cache.size, MOST_ENTRIES + excess - gone, 'then it is not too full any more');
});

test('a full cache keeps what is in use, however much that is', () => {
  const { cache, wait } = filled(MOST_ENTRIES + 10);
  for (let minute = 0; minute < 10; minute++) {
    for (let entry = 0; entry < MOST_ENTRIES + 10; entry++) cache.use(address(entry));
    wait(MINUTE);
  }
  assert.equal(cache.use(address(0)), 0);
  assert.equal(cache.size, MOST_ENTRIES + 10);
});

test('one run takes no more than about 8192 entries', () => {
  const { cache, wait } = filled(2 * MOST_ENTRIES);
  wait(5 * MINUTE);
  cache.use(address(99_999));
  wait(MINUTE);
  cache.use(address(99_999));
  const gone = 2 * MOST_ENTRIES - cache.size;
  assert.ok(gone >= MOST_ENTRIES / 2 && gone < MOST_ENTRIES / 2 + 100, `${gone} are gone`);
});

test('a long silence is made up for at the next look-up', () => {
  const { cache, wait } = filled(MOST_ENTRIES + 500);
  wait(10 * EXPIRATION);
  assert.equal(cache.use(address(0)), undefined);
  assert.equal(cache.size, 0);
});

function filled(entries: number): { cache: DestinationCache<number>; wait: (milliseconds: number) => void } {
  let now = 0;
  const cache = new DestinationCache<number>(() => now);
  for (let entry = 0; entry < entries; entry++) cache.set(address(entry), entry);
  return {
    cache,
    wait: (milliseconds) => {
      now += milliseconds;
    },
  };
}

/** 10.0.0.0 and what follows it. */
function address(entry: number): IpAddress {
  return `10.${entry >>> 16}.${(entry >>> 8) & 255}.${entry & 255}` as IpAddress;
}
