import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeService } from './fake-service.ts';
import { hash32 } from './hash32.ts';

const BUCKETS = 256;

/** For each bucket a client whose address hashes into it. */
const clientOfBucket = clientsByBucket();

test('sh deals buckets in list order, as many in a row as a destination weighs, at least one', () => {
  const service = new FakeService('sh');
  service.add({ weight: 3 });
  const quiesced = service.add({ weight: 0 });
  service.add({ weight: 1 });
  assert.equal(owners(service).slice(0, 10), '0-2220-222');
  service.setWeight(quiesced, 2);
  assert.equal(owners(service).slice(0, 12), '011222011222');
  service.delete(quiesced);
  assert.equal(owners(service).slice(0, 8), '01110111');
  service.add({ weight: 500 });
  assert.equal(owners(service), '0'.repeat(BUCKETS));
});

test('sh without fallback refuses the clients of a destination that is not eligible', () => {
  const service = new FakeService('sh');
  service.add();
  service.add().overloaded = true;
  assert.equal(owners(service), '-1'.repeat(BUCKETS / 2));
});

test('sh with fallback walks from twice the hash on', () => {
  const service = new FakeService('sh', { flags: { flag1: true } });
  // Buckets 0, 3, 6 … are of the first in the list, 1, 4, 7 … of the second and 2, 5, 8 … of the third.
  service.add();
  service.add();
  service.add().overloaded = true;
  const expected = Array.from({ length: BUCKETS }, (_, home) => {
    if (home % 3 !== 0) return home % 3;
    const start = (2 * home) % BUCKETS;
    const found = start % 3 === 0 ? (start + 1) % BUCKETS : start;
    // Bucket 255 is of the first, and so is bucket 0 after it.
    return found === 0 ? 1 : found % 3;
  });
  assert.equal(owners(service), expected.join(''));
});

test('hash32 is the upper bits of the product with the golden ratio', () => {
  assert.equal(hash32(1, 32), 0x61c88647);
  assert.equal(hash32(1, 8), 0x61);
  assert.equal(hash32(0xffffffff, 32), 0x9e3779b9);
  // 10.1.1.1 times 0x61c88647 modulo 2^32.
  assert.equal(hash32(0x0a010101, 32), Number((0x0a010101n * 0x61c88647n) & 0xffffffffn));
});

/** The index in the list of each bucket's destination, by asking for a client of the bucket. */
function owners(service: FakeService): string {
  const indexes = clientOfBucket.map((clientAddress) => {
    const chosen = service.schedule({ clientAddress });
    return chosen === undefined ? '-' : String(service.destinations.indexOf(chosen));
  });
  return indexes.join('');
}

function clientsByBucket(): string[] {
  const found = new Map<number, string>();
  for (let host = 1; found.size < BUCKETS; host++) {
    const address = 0x0a000000 + host;
    const text = `10.${(host >>> 16) & 255}.${(host >>> 8) & 255}.${host & 255}`;
    if (!found.has(hash32(address, 8))) found.set(hash32(address, 8), text);
  }
  return Array.from({ length: BUCKETS }, (_, bucket) => found.get(bucket) ?? '');
}
