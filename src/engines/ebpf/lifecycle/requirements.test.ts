import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MissingFeature } from '../../../system/bpf/probe-bpf.ts';
import { existingParent, requireFeatures, whyNoEbpf } from './requirements.ts';

const lack = (what: MissingFeature['what']): MissingFeature => ({
  what,
  why: `no ${what}`,
  hint: `Get ${what}.`,
});

test('what the engine can do without is no reason', () => {
  assert.deepEqual(requireFeatures([]), { tcx: true, warnings: [] });
  assert.deepEqual(requireFeatures([lack('tcx'), lack('jit')]), {
    tcx: false,
    warnings: ['no jit. Get jit.'],
  });
});

test('everything that lacks is named, with what to do', () => {
  assert.throws(() => requireFeatures([lack('btf'), lack('tcx'), lack('libbpf')]), {
    code: 'ENGINE_UNAVAILABLE',
    message: 'no btf; no libbpf',
    hint: 'Get btf. Get libbpf.',
  });
});

test('without its capabilities a process cannot tell what else lacks', () => {
  assert.throws(() => requireFeatures([lack('xdp'), lack('capability')]), {
    code: 'PERMISSION_DENIED',
    message: 'no capability',
  });
});

test('the reason for another engine is one sentence', () => {
  assert.equal(
    whyNoEbpf({}, () => []),
    undefined,
  );
  assert.equal(
    whyNoEbpf({}, () => [lack('bpf_loop')]),
    'no bpf_loop',
  );
});

test('a directory that is yet to be made lies where its parent does', () => {
  assert.equal(existingParent('/proc/self/nosuch/below'), '/proc/self');
  assert.equal(existingParent('/'), '/');
});
