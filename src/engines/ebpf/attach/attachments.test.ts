import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Link } from '../../../netlink/route/link.ts';
import { BpfError } from '../../../system/bpf/bpf-error.ts';
import { EOPNOTSUPP } from '../../../system/constants.ts';
import { type AttachmentOptions, Attachments } from './attachments.ts';
import type { Hooks } from './device-hooks.ts';
import { type DeviceHook, parsePinName, pinName } from './hook.ts';

/** Hooks that are only remembered; those in `refused` fail. */
class FakeHooks implements Hooks {
  readonly pins = new Set<string>();
  readonly refused = new Set<string>();
  readonly done: string[] = [];

  list(): readonly DeviceHook[] {
    return [...this.pins].flatMap((name) => parsePinName(name) ?? []);
  }

  attach(where: DeviceHook): void {
    if (this.refused.has(pinName(where))) throw new BpfError('BPF_LINK_CREATE', EOPNOTSUPP);
    this.done.push(`+${pinName(where)}`);
    this.pins.add(pinName(where));
  }

  detach(where: DeviceHook): void {
    this.done.push(`-${pinName(where)}`);
    this.pins.delete(pinName(where));
  }
}

class Bench {
  readonly hooks = new FakeHooks();
  readonly links = new Map<number, Link>();
  readonly drivers = new Map<string, string>();
  readonly log: string[] = [];
  readonly attachments: Attachments;

  constructor(options: Partial<AttachmentOptions> = {}) {
    this.attachments = new Attachments(
      { mode: 'auto', interfaces: 'auto', tc: 'tcx', ...options },
      {
        hooks: this.hooks,
        links: () => this.links.values(),
        driverOf: ({ name }) => this.drivers.get(name),
        info: (text) => this.log.push(`info ${text}`),
        warn: (text) => this.log.push(`warn ${text}`),
      },
    );
  }

  set(index: number, name: string, more: Partial<Link> = {}): void {
    const before = this.links.get(index);
    const plain = { hardware: 1, flags: 1, up: true, carrier: true, mtu: 1500 };
    const now: Link = { index, name, operationalState: 'up', ...plain, ...more };
    this.links.set(index, now);
    this.attachments.heard({ kind: 'link', before, now });
  }

  remove(index: number): void {
    const before = this.links.get(index);
    this.links.delete(index);
    this.attachments.heard({ kind: 'link', before, now: undefined });
  }

  take(): string[] {
    return [...this.hooks.done.splice(0), ...this.log.splice(0)];
  }
}

test('a card with native XDP gets XDP and tc, a veth tc alone', () => {
  const bench = new Bench();
  bench.drivers.set('eth0', 'ice');
  bench.set(2, 'eth0');
  assert.deepEqual(bench.take(), [
    '+2-tcx-ingress',
    '+2-tcx-egress',
    '+2-xdp-native',
    'info eth0: XDP (native) and tc (tcx): driver ice',
  ]);
  bench.set(3, 'veth0', { kind: 'veth' });
  assert.deepEqual(bench.take(), [
    '+3-tcx-ingress',
    '+3-tcx-egress',
    'info veth0: tc (tcx): a veth carries packets with unfinished checksums',
  ]);
  assert.deepEqual(bench.attachments.state, [
    { interface: 'eth0', xdp: 'native', tc: 'tcx', note: 'driver ice' },
    { interface: 'veth0', tc: 'tcx', note: 'a veth carries packets with unfinished checksums' },
  ]);
});

test('where the driver has no native XDP: auto does without, xdp takes generic and warns', () => {
  for (const mode of ['auto', 'xdp'] as const) {
    const bench = new Bench({ mode, tc: 'clsact' });
    bench.drivers.set('eth0', 'e1000');
    bench.hooks.refused.add('2-xdp-native');
    bench.set(2, 'eth0');
    assert.deepEqual(bench.hooks.done.includes('+2-xdp-generic'), mode === 'xdp');
    assert.equal(bench.log.filter((line) => line.startsWith('warn')).length, mode === 'xdp' ? 1 : 0);
    assert.match(bench.log.at(-1) ?? '', /no native XDP: its driver has none/);
    assert.equal(bench.attachments.state[0]?.xdp, mode === 'xdp' ? 'generic' : undefined);
  }
});

test('what an earlier process attached is taken over, and what is not wanted any more goes last', () => {
  const bench = new Bench({ mode: 'tc', interfaces: ['eth*'] });
  for (const pin of ['2-xdp-native', '2-tcx-ingress', '2-tcx-egress', '9-tcx-ingress'])
    bench.hooks.pins.add(pin);
  bench.set(2, 'eth0');
  assert.deepEqual(bench.hooks.done, ['+2-tcx-ingress', '+2-tcx-egress', '-2-xdp-native', '-9-tcx-ingress']);
});

test('from generic to native XDP: a device has one at a time', () => {
  const bench = new Bench({ mode: 'xdp' });
  bench.hooks.pins.add('2-xdp-generic');
  bench.set(2, 'eth0');
  assert.deepEqual(bench.hooks.done.slice(2), ['-2-xdp-generic', '+2-xdp-native']);
});

test('devices come, go, are renamed and enslaved', () => {
  const bench = new Bench();
  bench.set(2, 'eth0', { up: false });
  assert.deepEqual(bench.take(), [
    'info eth0: no programs, since it is down',
    'warn no interface has the programs: no packet is balanced',
  ]);
  bench.set(2, 'eth0');
  bench.take();
  bench.set(2, 'wan0', { up: false });
  assert.deepEqual(bench.take(), ['info eth0: is wan0 now, and keeps the programs']);
  bench.set(7, 'br0', { kind: 'bridge' });
  bench.take();
  bench.set(2, 'wan0', { master: 7 });
  assert.deepEqual(bench.take(), [
    '-2-tcx-ingress',
    '-2-tcx-egress',
    'info wan0: programs taken off, since it belongs to br0',
    'info wan0: no programs, since it belongs to br0',
  ]);
  bench.remove(7);
  assert.deepEqual(
    bench.take().filter((line) => !line.includes('wan0')),
    [
      '-7-tcx-ingress',
      '-7-tcx-egress',
      'info br0: programs taken off, since it is gone, or has another name',
      'warn no interface has the programs: no packet is balanced',
    ],
  );
});

test('named interfaces that are not there yet are told, and get the programs when they come', () => {
  const bench = new Bench({ interfaces: ['wan'] });
  bench.attachments.reconcile();
  bench.attachments.reconcile();
  assert.deepEqual(bench.take(), [
    'info wan: there is no such interface yet; it gets the programs when it comes',
    'warn no interface has the programs: no packet is balanced',
  ]);
  bench.set(4, 'wan');
  assert.deepEqual(bench.hooks.done, ['+4-tcx-ingress', '+4-tcx-egress']);
});

test('a device that refuses is tried again when it changes, and not before', () => {
  const bench = new Bench();
  bench.hooks.refused.add('2-tcx-egress');
  bench.set(2, 'eth0');
  assert.match(
    bench.take().join('\n'),
    /\+2-tcx-ingress\n-2-tcx-ingress\nwarn eth0: the programs cannot be attached/,
  );
  bench.hooks.refused.clear();
  bench.set(3, 'eth1');
  assert.ok(!bench.take().includes('+2-tcx-ingress'));
  bench.set(2, 'eth0', { mtu: 9000 });
  assert.ok(bench.take().includes('+2-tcx-egress'));
});
