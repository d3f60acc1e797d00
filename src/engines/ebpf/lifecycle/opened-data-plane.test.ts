import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { enterOwnNetwork } from '../../../../test/netlink/own-network.ts';
import { BpfLink } from '../../../system/bpf/bpf-link.ts';
import { BpfMap } from '../../../system/bpf/bpf-map.ts';
import { BPF_PROG_TYPE_SCHED_CLS } from '../../../system/bpf/constants.ts';
import { loadProgram } from '../../../system/bpf/load-program.ts';
import { openPinned } from '../../../system/bpf/pin.ts';
import { attachTcFilter, detachTcFilter, findTcFilter } from '../../../system/bpf/tc-filter.ts';
import { whyNoBpf } from '../../../system/bpf/testing/why-no-bpf.ts';
import { close, umount2 } from '../../../system/libc.ts';
import type { EbpfOptions } from './ebpf-options.ts';
import { type OpenedDataPlane, openDataPlane } from './opened-data-plane.ts';
import { SettingsMap } from './settings-map.ts';
import { takeDown } from './take-down.ts';

const skip = whyNoBpf || enterOwnNetwork() || false;
const SMALL = { connections: 1024, services: 16, destinations: 16 };
const MNT_DETACH = 2;

describe('the data plane of a host', { skip, timeout: 120_000 }, () => {
  const mount = mkdtempSync(join(tmpdir(), 'vipr-bpf-'));
  const bpfDirectory = join(mount, 'fs');
  const log: string[] = [];

  after(() => {
    umount2(bpfDirectory, MNT_DETACH);
    if (existsSync(bpfDirectory)) rmdirSync(bpfDirectory);
    rmdirSync(mount);
  });

  async function open(t: TestContext, options: EbpfOptions = {}): Promise<OpenedDataPlane> {
    log.length = 0;
    const opened = await openDataPlane({
      bpfDirectory,
      ...SMALL,
      info: (text) => log.push(text),
      warn: (text) => log.push(text),
      ...options,
    });
    t.after(() => opened.close());
    return opened;
  }

  async function start(t: TestContext, options: EbpfOptions = {}): Promise<OpenedDataPlane> {
    const opened = await open(t, options);
    await opened.start();
    return opened;
  }

  const pins = () =>
    readdirSync(join(bpfDirectory, 'default/links'), { recursive: true })
      .map(String)
      .filter((name) => name.includes('/'))
      .map((name) => name.replace(/^net-\d+\//, ''))
      .sort();
  const pathOf = (pin: string) =>
    join(bpfDirectory, 'default/links', readdirSync(join(bpfDirectory, 'default/links'))[0] ?? '', pin);
  const linkInfo = (pin: string) => {
    const link = BpfLink.openPinned(pathOf(pin));
    try {
      return link.info();
    } finally {
      link.close();
    }
  };

  test('a restart takes links and maps over: nothing is detached, the program is replaced', async (t) => {
    const index = makeVeth(t, 'vip0');
    const first = await start(t, { interfaces: ['vip0'], attach: 'xdp' });
    assert.equal(first.loaded.restored, false);
    assert.deepEqual(first.dataPlane.attachments, [
      {
        interface: 'vip0',
        xdp: 'native',
        tc: 'tcx',
        note: 'XDP was asked for, which takes "tx off" where packets for this veth come from',
      },
    ]);
    const names = [`${index}-tcx-egress`, `${index}-tcx-ingress`, `${index}-xdp-native`];
    assert.deepEqual(pins(), names);
    const before = names.map(linkInfo);
    const generation = first.settings.read().routeGeneration;
    await first.close();
    assert.deepEqual(names.map(linkInfo), before, 'packets are served while no director runs');

    const second = await start(t, { interfaces: ['vip0'], attach: 'xdp' });
    assert.equal(second.loaded.restored, true);
    names.forEach((name, at) => {
      assert.equal(linkInfo(name).id, before[at]?.id, `${name} is another link`);
      assert.notEqual(linkInfo(name).programId, before[at]?.programId, `${name} runs the old program`);
    });
    assert.ok(second.settings.read().routeGeneration > generation);
    await second.close();

    const third = await start(t, { interfaces: ['vip0'], attach: 'tc' });
    assert.deepEqual(pins(), names.slice(0, 2), 'XDP is not wanted any more');
    await third.close();
    const maps = readdirSync(join(bpfDirectory, 'default')).filter((name) => name !== 'links').length;
    assert.deepEqual(await takeDown({ bpfDirectory }), [
      'programs taken off vip0: tcx egress, tcx ingress',
      `${maps} maps and the directory ${bpfDirectory}/default removed`,
    ]);
    assert.deepEqual(await takeDown({ bpfDirectory }), []);
    assert.equal(attachedTo('vip0'), '');
  });

  test('interfaces that come get the programs, those that go are forgotten, names are followed', async (t) => {
    const { dataPlane } = await start(t, { interfaces: ['late?'] });
    assert.deepEqual(dataPlane.attachments, []);
    assert.ok(log.includes('no interface has the programs: no packet is balanced'));
    const index = makeVeth(t, 'late0');
    await eventually(() => dataPlane.attachments.length === 1);
    assert.deepEqual(pins(), [`${index}-tcx-egress`, `${index}-tcx-ingress`]);
    ip('link', 'set', 'late0', 'name', 'late1');
    await eventually(() => dataPlane.attachments[0]?.interface === 'late1');
    ip('link', 'set', 'late1', 'name', 'other');
    await eventually(() => dataPlane.attachments.length === 0);
    assert.equal(attachedTo('other'), '');
    ip('link', 'set', 'other', 'name', 'late0');
    await eventually(() => dataPlane.attachments.length === 1);
    ip('link', 'del', 'late0');
    await eventually(() => dataPlane.attachments.length === 0);
    assert.deepEqual(pins(), []);
  });

  test('what went while no director ran is cleaned up by the next', async (t) => {
    makeVeth(t, 'gone0');
    const first = await start(t, { interfaces: ['gone0'] });
    await first.close();
    ip('link', 'del', 'gone0');
    assert.equal(pins().length, 2);
    const second = await start(t, { interfaces: ['gone0'] });
    assert.deepEqual(pins(), []);
    await second.close();
    await takeDown({ bpfDirectory });
  });

  test('clsact: filters are replaced in place, and those of others are left alone', async (t) => {
    const index = makeVeth(t, 'flt0');
    const place = { ifindex: index, direction: 'ingress', priority: 1, handle: 1 } as const;
    const first = await start(t, { interfaces: ['flt0'], clsact: true });
    assert.deepEqual(pins(), [`${index}-filter-egress`, `${index}-filter-ingress`]);
    const program = findTcFilter(place);
    assert.ok(program);
    await first.close();
    assert.equal(findTcFilter(place), program);
    const second = await start(t, { interfaces: ['flt0'], clsact: true });
    assert.notEqual(findTcFilter(place), program);
    await second.close();
    assert.equal((await takeDown({ bpfDirectory })).length, 2);
    assert.equal(findTcFilter(place), undefined);

    const foreign = loadProgram({
      type: BPF_PROG_TYPE_SCHED_CLS,
      instructions: [0xb7n | (0xffffffffn << 32n), 0x95n],
      name: 'foreign',
    });
    attachTcFilter({ fd: foreign }, place);
    close(foreign);
    const third = await start(t, { interfaces: ['flt0'], clsact: true });
    assert.deepEqual(third.dataPlane.attachments, []);
    assert.match(log.join('\n'), /flt0: the programs cannot be attached: .*another program has priority 1/);
    await third.close();
    await takeDown({ bpfDirectory });
    assert.equal(detachTcFilter(place), true, 'the filter of the other program is gone');
  });

  test('generic XDP where the driver has no native one, with a warning', async (t) => {
    ip('link', 'add', 'dum0', 'type', 'bridge');
    t.after(() => ip('link', 'del', 'dum0'));
    const { dataPlane } = await start(t, { interfaces: ['dum0'], attach: 'xdp' });
    assert.equal(dataPlane.attachments[0]?.xdp, 'generic');
    assert.match(
      log.join('\n'),
      /dum0: generic XDP, which is slower than tc, as native XDP is refused: its driver/,
    );
  });

  test('maps of another size or layout are refused, with the way out', async (t) => {
    await takeDown({ bpfDirectory });
    const first = await start(t, { interfaces: ['none'] });
    await first.close();
    await assert.rejects(open(t, { connections: 2048 }), {
      code: 'ENGINE_UNAVAILABLE',
      message: `The map ${bpfDirectory}/default/connections4 has room for 1024 entries, not for 2048.`,
      hint: /Set connections: 1024 .* `vipr down --bpf-dir /,
    });
    const same = await openDataPlane({ bpfDirectory, interfaces: ['none'] });
    assert.equal(
      same.loaded.map('connections4').maxEntries,
      1024,
      'sizes that nobody gives are those that are there',
    );
    await same.close();
    const map = BpfMap.fromDescriptor(openPinned(join(bpfDirectory, 'default/settings')));
    new SettingsMap(map).change(() => ({ layout: 77 }));
    await assert.rejects(open(t), {
      code: 'ENGINE_UNAVAILABLE',
      message: /have layout 77, and this version of vipr has layout \d+\.$/,
      hint: /vipr down/,
    });
    new SettingsMap(map).change(() => ({ layout: 0 }));
    map.close();
    const fresh = await open(t, { connections: 2048 });
    assert.equal(fresh.loaded.restored, false, 'a crash before the maps were put to use');
    assert.equal(fresh.loaded.map('connections4').maxEntries, 2048);
    await fresh.close();
    await takeDown({ bpfDirectory });
  });

  test('an instance has one director; a start that fails leaves nothing', async (t) => {
    const first = await open(t);
    await assert.rejects(open(t), { code: 'DIRECTOR_RUNNING', hint: /--instance/ });
    await assert.rejects(takeDown({ bpfDirectory }), { code: 'DIRECTOR_RUNNING' });
    const other = await open(t, { instance: 'other' });
    await other.close();
    await first.close();
    await assert.rejects(open(t, { instance: 'bad', connections: 4_000_000_000 }));
    assert.equal(existsSync(join(bpfDirectory, 'bad')), false);
    await takeDown({ bpfDirectory, instance: 'other' });
    await takeDown({ bpfDirectory });
    await assert.rejects(open(t, { instance: '../x' }), { code: 'USAGE' });
    await assert.rejects(open(t, { bpfDirectory: 'x' }), { code: 'USAGE' });
  });

  test('expired connections are swept', async (t) => {
    const { loaded } = await start(t, { interfaces: ['none'] });
    const connections = loaded.map('connections4');
    const expired = new Uint8Array(connections.valueSize).fill(0xff, 20, 24);
    expired[0] = 1;
    const lasting = expired.slice().fill(0x7f, 0, 8);
    const keyOf = (client: number) => new Uint8Array(connections.keySize).fill(client, 0, 4);
    const [old, young] = [keyOf(1), keyOf(2)];
    connections.update(old, expired);
    connections.update(young, lasting);
    await eventually(() => connections.lookup(old) === undefined);
    assert.ok(connections.lookup(young));
  });

  test('the interfaces that XDP can send to are known, and next hops are in the map', async (t) => {
    const index = makeVeth(t, 'tgt0');
    ip('addr', 'add', '10.4.0.1/24', 'dev', 'tgt0');
    ip('neigh', 'add', '10.4.0.2', 'lladdr', '02:00:00:00:00:42', 'dev', 'tgt0');
    await takeDown({ bpfDirectory });
    const opened = await open(t, { interfaces: ['tgt0', 'tgt0-peer'], attach: 'xdp' });
    opened.dataPlane.destinationAdded(3, '10.4.0.2' as never);
    opened.dataPlane.destinationAdded(4, '10.4.0.1' as never);
    await opened.start();
    const entry = opened.loaded.map('interfaces').lookup(word(index));
    assert.ok(entry);
    assert.deepEqual([entry[0], new DataView(entry.buffer).getUint32(4, true)], [1, 1500]);
    const hop = Buffer.from(opened.loaded.map('next_hops').lookup(word(3)) ?? []);
    assert.deepEqual(
      [hop.readUInt32LE(0) & 1, hop.readUInt32LE(4), hop.toString('hex', 12, 18)],
      [1, index, '020000000042'],
    );
    assert.notEqual(opened.settings.read().flags & (1 << 19), 0, 'some destination is this host');
    await opened.close();
    await takeDown({ bpfDirectory });
  });
});

/** Makes a pair of devices that are up; they go with the test. Returns the index of the first. */
function makeVeth(t: TestContext, name: string): number {
  ip('link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}-peer`);
  t.after(() => {
    try {
      execFileSync('ip', ['link', 'del', `${name}-peer`], { stdio: 'ignore' });
    } catch {
      // The test deleted it.
    }
  });
  ip('link', 'set', name, 'up');
  ip('link', 'set', `${name}-peer`, 'up');
  return JSON.parse(execFileSync('ip', ['-j', 'link', 'show', 'dev', name], { encoding: 'utf8' }))[0].ifindex;
}

/** What is attached to a device, by bpftool(8). */
function attachedTo(name: string): string {
  const lines = execFileSync('bpftool', ['net', 'show', 'dev', name], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.includes(name)).join('\n');
}

function ip(...words: string[]): void {
  execFileSync('ip', words);
}

function word(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

async function eventually(condition: () => boolean): Promise<void> {
  for (let n = 0; n < 1000 && !condition(); n++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(condition(), 'it did not come true');
}
