import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type CounterValues, Estimator, NO_COUNTERS } from './estimator.ts';

// What Debian's kernel 6.12 reported every two seconds after 100 datagrams: connections, packets and bytes per second.
const BURST: CounterValues = {
  connections: 100,
  inPackets: 106,
  outPackets: 100,
  inBytes: 10792,
  outBytes: 10400,
};
const OBSERVED = [
  [12, 13, 12, 1349, 1300],
  [9, 10, 9, 1012, 975],
  [7, 7, 7, 759, 731],
  [5, 6, 5, 569, 548],
  [4, 4, 4, 427, 411],
  [3, 3, 3, 320, 308],
];

describe('Estimator', () => {
  test('decays as the kernel does after a burst', () => {
    const estimator = new Estimator();
    for (const expected of OBSERVED) {
      estimator.visit(BURST);
      assert.deepEqual(rates(estimator), expected);
    }
  });

  test('reports a steady rate after a while, and nothing in the end', () => {
    const estimator = new Estimator();
    let connections = 0;
    for (let period = 0; period < 60; period++) {
      connections += 200;
      estimator.visit({ ...NO_COUNTERS, connections, inBytes: connections * 1000 });
    }
    assert.deepEqual(rates(estimator), [100, 0, 0, 100_000, 0]);
    for (let period = 0; period < 60; period++) {
      estimator.visit({ ...NO_COUNTERS, connections, inBytes: connections * 1000 });
    }
    assert.deepEqual(rates(estimator), [0, 0, 0, 0, 0]);
  });

  test('forgets on reset, and counts from there on', () => {
    const estimator = new Estimator();
    estimator.visit(BURST);
    estimator.reset(BURST);
    assert.deepEqual(rates(estimator), [0, 0, 0, 0, 0]);
    estimator.visit(BURST);
    assert.deepEqual(rates(estimator), [0, 0, 0, 0, 0]);
    estimator.visit({ ...BURST, connections: 200 });
    assert.deepEqual(rates(estimator), [12, 0, 0, 0, 0]);
    estimator.reset({ ...BURST, connections: 300 });
    estimator.visit({ ...BURST, connections: 300 });
    assert.deepEqual(rates(estimator), [0, 0, 0, 0, 0]);
  });

  test('is exact where the kernel needs 64 bits', () => {
    const estimator = new Estimator();
    // 100 Gbit/s for one period.
    estimator.visit({ ...NO_COUNTERS, inBytes: 25_000_000_000 });
    assert.equal(estimator.rates().inBytes, 3_125_000_000n);
  });
});

function rates(estimator: Estimator): number[] {
  const { connections, inPackets, outPackets, inBytes, outBytes } = estimator.rates();
  return [connections, inPackets, outPackets, inBytes, outBytes].map(Number);
}
