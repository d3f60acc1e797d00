import assert from 'node:assert/strict';
import { mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { umount2 } from '../libc.ts';
import { ensureBpfFileSystem } from './bpf-file-system.ts';
import { BpfLink } from './bpf-link.ts';
import type { BpfMap } from './bpf-map.ts';
import type { BpfObject } from './bpf-object.ts';
import * as c from './constants.ts';
import { readProgramInfo } from './program-info.ts';
import { attachTcFilter, detachTcFilter, findTcFilter, type TcFilterPlace } from './tc-filter.ts';
import { testRun } from './test-run.ts';
import { loadTinyObject, whyNoTinyObject } from './testing/tiny-object.ts';
import { makeVeth, sendFrame } from './testing/veth.ts';

const veth = whyNoTinyObject === false ? makeVeth() : whyNoTinyObject;
const { ifindex, peerIfindex } = typeof veth === 'string' ? { ifindex: 0, peerIfindex: 0 } : { ...veth };

describe('attached programs', { skip: typeof veth === 'string' ? veth : false }, () => {
  let one: BpfObject;
  let other: BpfObject;
  const frame = new Uint8Array(60).fill(0xff, 0, 6).fill(2, 6, 12);

  before(() => {
    one = loadTinyObject((each) => each.setConstants({ counting: true, verdict: c.XDP_DROP }));
    other = loadTinyObject((each) => each.setConstants({ counting: true, verdict: c.XDP_DROP }));
  });

  after(() => {
    one.close();
    other.close();
  });

  for (const mode of ['native', 'generic', 'any'] as const)
    it(`XDP, ${mode}: attached, replaced, detached`, async () => {
      await replaceAndDetach('tiny_xdp', () => BpfLink.createXdp(one.program('tiny_xdp'), ifindex, mode));
    });

  it('tcx at ingress: attached, replaced, detached', async (test) => {
    if (!hasTcx(one)) return test.skip('needs tcx, linux 6.6');
    await replaceAndDetach('tiny_tc', () => BpfLink.createTcx(one.program('tiny_tc'), ifindex, 'ingress'));
  });

  it('tcx at egress sees what is sent', async (test) => {
    if (!hasTcx(one)) return test.skip('needs tcx, linux 6.6');
    const link = BpfLink.createTcx(one.program('tiny_tc'), peerIfindex, 'egress');
    try {
      await expectCount(one, 1, () => sendFrame(peerIfindex, frame));
    } finally {
      link.close();
    }
  });

  it('refuses what cannot be, by the name of the place', () => {
    const link = BpfLink.createXdp(one.program('tiny_xdp'), ifindex);
    try {
      assert.throws(() => BpfLink.createXdp(other.program('tiny_xdp'), ifindex), {
        code: 'EBUSY',
        message: /^BPF_LINK_CREATE XDP on interface \d+: /,
      });
      assert.throws(() => link.update(other.program('tiny_xdp'), other.program('tiny_xdp')), {
        code: 'EPERM',
      });
      assert.throws(() => link.update(one.program('tiny_tc')), { code: 'EINVAL' });
    } finally {
      link.close();
    }
    assert.throws(() => BpfLink.createXdp(one.program('tiny_xdp'), 999_999), { code: 'EINVAL' });
  });

  it('a pinned link goes on without its descriptor, and can be found again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vipr-bpffs-'));
    const path = join(folder, 'link');
    try {
      ensureBpfFileSystem(folder);
      const link = BpfLink.createXdp(one.program('tiny_xdp'), ifindex);
      link.pin(path);
      const { id } = link.info();
      link.close();
      await expectCount(one, 1, () => sendFrame(peerIfindex, frame));
      const again = BpfLink.openPinned(path);
      assert.equal(again.info().id, id);
      again.update(other.program('tiny_xdp'));
      await expectCount(other, 1, () => sendFrame(peerIfindex, frame));
      rmSync(path);
      again.close();
      BpfLink.createXdp(one.program('tiny_xdp'), ifindex).close();
    } finally {
      umount2(folder, 0);
      rmdirSync(folder);
    }
  });

  it('filters of clsact: attached, found, replaced, detached', async () => {
    const place: TcFilterPlace = { ifindex, direction: 'ingress', priority: 7, handle: 1 };
    assert.equal(findTcFilter(place), undefined);
    assert.equal(detachTcFilter(place), false);
    attachTcFilter(one.program('tiny_tc'), place);
    assert.equal(findTcFilter(place), readProgramInfo(one.program('tiny_tc').fd).id);
    await expectCount(one, 1, () => sendFrame(peerIfindex, frame));
    attachTcFilter(other.program('tiny_tc'), place);
    assert.equal(findTcFilter(place), readProgramInfo(other.program('tiny_tc').fd).id);
    await expectCount(other, 1, () => sendFrame(peerIfindex, frame));
    assert.equal(findTcFilter({ ...place, priority: 8 }), undefined);
    assert.equal(detachTcFilter(place), true);
    assert.equal(detachTcFilter(place), false);
    assert.throws(() => attachTcFilter(one.program('tiny_tc'), { ...place, ifindex: 999_999 }), {
      code: 'ENODEV',
      message: /^bpf_tc_attach ingress on interface 999999, priority 7: /,
    });
  });

  it('live frames leave by the device', async () => {
    const counting = BpfLink.createXdp(one.program('tiny_xdp'), peerIfindex);
    const sender = loadTinyObject((each) => each.setConstants({ verdict: c.XDP_TX }));
    try {
      const context = new Uint8Array(new Uint32Array([0, frame.length, 0, ifindex, 0, 0]).buffer);
      await expectCount(one, 100, () => {
        testRun(sender.program('tiny_xdp'), {
          data: frame,
          context,
          repeat: 100,
          batchSize: 100,
          flags: c.BPF_F_TEST_XDP_LIVE_FRAMES,
        });
      });
    } finally {
      sender.close();
      counting.close();
    }
  });

  /** Attaches `one`, replaces it by `other` and takes it off, with a frame in each state. */
  async function replaceAndDetach(name: string, attach: () => BpfLink): Promise<void> {
    const link = attach();
    try {
      const info = link.info();
      assert.equal(info.ifindex, ifindex);
      assert.equal(info.programId, readProgramInfo(one.program(name).fd).id);
      await expectCount(one, 1, () => sendFrame(peerIfindex, frame));
      link.update(other.program(name), one.program(name));
      assert.equal(link.info().programId, readProgramInfo(other.program(name).fd).id);
      await expectCount(other, 1, () => sendFrame(peerIfindex, frame));
      link.detach();
      assert.equal(link.info().ifindex, 0);
      await expectCount(other, 0, () => sendFrame(peerIfindex, frame));
    } finally {
      link.close();
    }
  }
});

function hasTcx(object: BpfObject): boolean {
  try {
    BpfLink.createTcx(object.program('tiny_tc'), ifindex, 'ingress').close();
    return true;
  } catch {
    return false;
  }
}

/** Carries out `work` and waits until the object's programs have counted that much. */
async function expectCount(object: BpfObject, expected: number, work: () => void): Promise<void> {
  const counters = object.map('counters').open();
  try {
    const start = sum(counters);
    work();
    if (expected === 0) await setTimeout(20);
    for (let wait = 0; wait < 400 && sum(counters) - start < expected; wait++) await setTimeout(5);
    assert.equal(sum(counters) - start, expected);
  } finally {
    counters.close();
  }
}

function sum(counters: BpfMap): number {
  const value = counters.lookup(new Uint8Array(4));
  assert.ok(value);
  return Number(new BigUint64Array(value.buffer).reduce((a, b) => a + b, 0n));
}
