import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureBpfFileSystem } from '../system/bpf/bpf-file-system.ts';
import { BpfLink } from '../system/bpf/bpf-link.ts';
import { pin } from '../system/bpf/pin.ts';
import { loadTinyObject, whyNoTinyObject } from '../system/bpf/testing/tiny-object.ts';
import { makeVeth, sendFrame } from '../system/bpf/testing/veth.ts';
import { whyNoBpf } from '../system/bpf/testing/why-no-bpf.ts';
import { umount2 } from '../system/libc.ts';
import { BpfDecapsulator } from './bpf-decapsulator.ts';
import type { DecapsulatorContent } from './decapsulator.ts';

const veth = whyNoBpf === false ? makeVeth() : whyNoBpf;
const skip = typeof veth === 'string' ? veth : false;
const { ifindex, peerIfindex, name } =
  typeof veth === 'string' ? { ifindex: 0, peerIfindex: 0, name: '' } : veth;

const CONTENT: DecapsulatorContent = {
  interfaces: [{ name, index: ifindex }],
  virtualAddresses: ['192.0.2.10', '2001:db8::10'],
  ownAddresses: ['10.2.0.11'],
  tunnels: [{ kind: 'ipip' }],
};

/** IPv4 in IPv4: from 10.2.0.1 to 10.2.0.11, and from 198.51.100.7 to 192.0.2.10. */
const PACKET = Buffer.from(
  `${'450000280000400040040000'}${'0a020001'}${'0a02000b'}450000140000000040fe0000${'c6336407'}${'c000020a'}`,
  'hex',
);

for (const tcx of [true, false])
  describe(`the installed decapsulator, ${tcx ? 'tcx' : 'clsact'}`, { skip }, () => {
    let folder = '';
    let decapsulator: BpfDecapsulator;

    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'vipr-bpffs-'));
      ensureBpfFileSystem(folder);
      decapsulator = new BpfDecapsulator(join(folder, 'realserver'), tcx);
    });

    after(() => {
      decapsulator.remove([ifindex]);
      umount2(folder, 0);
      rmdirSync(folder);
    });

    const read = () => decapsulator.read([ifindex, peerIfindex]);

    /** Sends a tunnelled packet, and waits until it was taken or could have been. */
    async function expectTaken(expected: number): Promise<void> {
      const start = read()?.counters.taken ?? 0;
      sendFrame(
        peerIfindex,
        Buffer.concat([hardwareAddress(), Buffer.from('0200000000010800', 'hex'), PACKET]),
      );
      if (expected === 0) await sleep(20);
      for (let wait = 0; wait < 400 && (read()?.counters.taken ?? 0) - start < expected; wait++)
        await sleep(5);
      assert.equal((read()?.counters.taken ?? 0) - start, expected);
    }

    it('is not there before, and nor is anything to remove', () => {
      assert.equal(read(), undefined);
      assert.equal(decapsulator.remove([ifindex]), false);
    });

    it('is there when it was installed, and takes packets', async () => {
      decapsulator.install(CONTENT);
      const { interfaces: _, ...content } = CONTENT;
      const counters = { taken: 0, notVirtual: 0, fragments: 0, unknownForm: 0, congested: 0, failed: 0 };
      assert.deepEqual(read(), { ...content, attached: [ifindex], counters, outdated: false });
      await expectTaken(1);
      const pins = ['addresses', 'counters', 'program', ...(tcx ? [`tcx-${ifindex}`] : []), 'tunnels'];
      assert.deepEqual(readdirSync(decapsulator.directory).sort(), pins);
    });

    it('is left alone by a second installation, counters and link', async () => {
      const linkId = () => (tcx ? idOf(join(decapsulator.directory, `tcx-${ifindex}`)) : 0);
      const before = linkId();
      decapsulator.install(CONTENT);
      assert.equal(linkId(), before);
      assert.equal(read()?.counters.taken, 1);
      decapsulator.install({ ...CONTENT, virtualAddresses: ['192.0.2.11'] });
      assert.deepEqual(read()?.virtualAddresses, ['192.0.2.11']);
      await expectTaken(0);
      assert.equal(read()?.counters.notVirtual, 1);
    });

    it('is completed where something of it is missing', async () => {
      rmSync(join(decapsulator.directory, 'program'));
      if (tcx) rmSync(join(decapsulator.directory, `tcx-${ifindex}`));
      assert.equal(read(), undefined);
      decapsulator.install(CONTENT);
      assert.deepEqual(read()?.attached, [ifindex]);
      await expectTaken(1);
    });

    it('replaces the program of another version', { skip: whyNoTinyObject }, async () => {
      const other = loadTinyObject();
      rmSync(join(decapsulator.directory, 'program'));
      pin(other.program('tiny_tc'), join(decapsulator.directory, 'program'));
      other.close();
      assert.equal(read()?.outdated, true);
      decapsulator.install(CONTENT);
      assert.equal(read()?.outdated, false);
      assert.deepEqual(read()?.attached, [ifindex]);
      await expectTaken(1);
    });

    it('is removed with all that it pinned', async () => {
      assert.equal(decapsulator.remove([ifindex]), true);
      assert.equal(existsSync(decapsulator.directory), false);
      assert.equal(read(), undefined);
      await expectTaken(0);
      assert.equal(decapsulator.remove([ifindex]), false);
    });

    it('refuses interfaces that are not there', () => {
      assert.throws(
        () => decapsulator.install({ ...CONTENT, interfaces: [{ name: 'no', index: 999_999 }] }),
        {
          code: 'SYSTEM_CALL_FAILED',
          message: /^Cannot install the program that takes tunnels off: .*999999/s,
        },
      );
      assert.equal(decapsulator.remove([ifindex]), true);
    });
  });

function idOf(path: string): number {
  const link = BpfLink.openPinned(path);
  try {
    return link.info().id;
  } finally {
    link.close();
  }
}

function hardwareAddress(): Buffer {
  const { stdout } = spawnSync('ip', ['-j', 'link', 'show', 'dev', name], { encoding: 'utf8' });
  return Buffer.from(JSON.parse(stdout)[0].address.replaceAll(':', ''), 'hex');
}
