import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Check, Probe } from '../model/check.ts';
import type { Port, Weight } from '../model/unit.ts';
import { probeKey, timingKey } from './check-key.ts';
import { numberedDestination, SAMPLE_TIMING, sampleService } from './testing/sample-monitoring.ts';

const [one, other] = [sampleService(1, []).id, sampleService(2, []).id];
const here = numberedDestination(1);

function check(probe: Probe, port?: number): Check {
  return { probe, endpoint: port === undefined ? {} : { port: port as Port }, timing: SAMPLE_TIMING };
}

function http(pattern: RegExp): Probe {
  const body = { pattern, absent: false };
  return { kind: 'http', version: '1.1', requests: [{ path: '/', method: 'GET', status: [], body }] };
}

describe('the key of a probe', () => {
  it('is the same for the same check of several services and weights', () => {
    const key = probeKey(check({ kind: 'tcp' }), one, here);
    assert.equal(key, probeKey(check({ kind: 'tcp' }), other, { ...here, weight: 7 as Weight }));
    assert.notEqual(key, probeKey(check({ kind: 'tcp' }), one, numberedDestination(2)));
    assert.notEqual(key, probeKey(check({ kind: 'tcp' }, 81), one, here));
    assert.notEqual(key, probeKey(check({ kind: 'ping' }), one, here));
  });

  it('does not depend on the order of fields, and tells patterns and bytes apart', () => {
    const swapped = { endpoint: {}, timing: SAMPLE_TIMING, probe: { kind: 'tcp' } } as const;
    assert.equal(probeKey(check({ kind: 'tcp' }), one, here), probeKey(swapped, one, here));
    assert.notEqual(probeKey(check(http(/a/)), one, here), probeKey(check(http(/a/i)), one, here));
    const udp = (byte: number): Probe => ({
      kind: 'udp',
      payload: Uint8Array.of(byte),
      requireReply: true,
      minReplyLength: 0,
      maxReplyLength: 10,
    });
    assert.notEqual(probeKey(check(udp(1)), one, here), probeKey(check(udp(2)), one, here));
    assert.equal(probeKey(check(udp(1)), one, here), probeKey(check(udp(1)), other, here));
  });

  it('is that of the whole way for a path, and of nobody for files and scripts', () => {
    const path = check({ kind: 'path' });
    assert.notEqual(probeKey(path, one, here), probeKey(path, other, here));
    assert.notEqual(probeKey(path, one, here), probeKey(path, one, { ...here, forwarding: 'direct' }));
    const file = check({ kind: 'file', path: '/run/weight', factor: 1 });
    assert.equal(probeKey(file, one, here), probeKey(file, other, numberedDestination(2)));
    const misc = check({ kind: 'misc', command: { argv: ['/bin/true'] }, dynamic: false });
    assert.equal(probeKey(misc, one, here), probeKey(misc, other, numberedDestination(2)));
  });

  it('does not have the timing, which has a key of its own', () => {
    assert.equal(timingKey(SAMPLE_TIMING), timingKey({ ...SAMPLE_TIMING }));
    assert.notEqual(timingKey(SAMPLE_TIMING), timingKey({ ...SAMPLE_TIMING, rise: 2 }));
  });
});
