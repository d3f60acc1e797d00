import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Milliseconds } from '../../model/unit.ts';
import { newVirtualRouter, step } from './step.ts';
import type { VirtualRouter, VirtualRouterSettings, VrrpEvent } from './virtual-router.ts';

const SETTINGS: VirtualRouterSettings = {
  version: 3,
  virtualRouterId: 51,
  initialState: 'backup',
  interval: 1000 as Milliseconds,
  preempt: true,
  preemptDelay: 0 as Milliseconds,
  isOwner: false,
};

/** One router after events at their times; the actions are those of the last one. */
function after(
  settings: Partial<VirtualRouterSettings>,
  priority: number,
  ...events: readonly [number, VrrpEvent][]
) {
  const all = { ...SETTINGS, ...settings };
  let router: VirtualRouter = newVirtualRouter(all, priority);
  let actions: ReturnType<typeof step>['actions'] = [];
  for (const [now, event] of events) ({ router, actions } = step(router, all, event, now));
  return { router, actions, kinds: actions.map(({ kind }) => kind) };
}

const START: [number, VrrpEvent] = [0, { kind: 'start' }];
const timeout = (now: number): [number, VrrpEvent] => [now, { kind: 'timeout' }];
const heard = (now: number, priority: number, senderRank = 1, interval = 1000): [number, VrrpEvent] => [
  now,
  { kind: 'advertisement', advertisement: { priority, interval: interval as Milliseconds }, senderRank },
];

describe('a virtual router', () => {
  it('waits three intervals and its skew before it becomes master (RFC 9568 6.1)', () => {
    const { router } = after({}, 100, START);
    assert.equal(router.state, 'backup');
    assert.equal(router.deadline, 3000 + (156 * 1000) / 256);
    const { router: second } = after({ version: 2, interval: 2000 as Milliseconds }, 100, START);
    assert.equal(second.deadline, 6000 + (156 * 1000) / 256, 'the skew of version 2 is a part of a second');
    assert.equal(after({}, 100, START, timeout(3609)).router.state, 'backup', 'not a moment before');
    const master = after({}, 100, START, timeout(3610));
    assert.equal(master.router.state, 'master');
    assert.deepEqual(master.kinds, ['advertise', 'take-addresses', 'entered']);
    assert.equal(master.router.deadline, 4610);
  });

  it('is master at once as the owner, or where it is to begin as master', () => {
    assert.equal(after({ isOwner: true }, 255, START).router.state, 'master');
    assert.equal(after({ initialState: 'master' }, 100, START).router.state, 'master');
    assert.equal(after({ initialState: 'master', preempt: false }, 100, START).router.state, 'backup');
  });

  it('as a backup takes the interval that a master of version 3 tells', () => {
    const { router } = after({}, 100, START, heard(500, 150, 1, 200));
    assert.equal(router.deadline, 500 + 600 + (156 * 200) / 256);
    const { router: second } = after({ version: 2 }, 100, START, heard(500, 150, 1, 2000));
    assert.equal(second.masterInterval, 1000, 'in version 2 the intervals have to be the same');
  });

  it('as a backup takes over after its skew when the master gives up', () => {
    assert.equal(after({}, 100, START, heard(500, 0)).router.deadline, 500 + (156 * 1000) / 256);
  });

  it('as a backup does not count a master of lower priority, unless it must not preempt', () => {
    const { router: at0 } = after({}, 100, START);
    assert.equal(after({}, 100, START, heard(500, 50)).router.deadline, at0.deadline);
    const { router } = after({ preempt: false }, 100, START, heard(500, 50));
    assert.equal(router.deadline, 500 + (at0.deadline ?? 0));
  });

  it('preempts only after its delay, which begins anew when a higher master was heard', () => {
    const settings = { preemptDelay: 5000 as Milliseconds };
    const steps = [
      heard(1000, 50),
      heard(2000, 50),
      heard(3000, 50),
      heard(4000, 50),
      heard(5000, 50),
    ] as const;
    assert.equal(after(settings, 100, START, ...steps).router.preemptAt, 6000);
    const patient = after(settings, 100, START, ...steps, heard(6000, 50));
    assert.equal(patient.router.deadline, 5000 + 3609.375, 'the one at 6000 does not count any more');
    assert.equal(after(settings, 100, START, ...steps, heard(5500, 150)).router.preemptAt, undefined);
  });

  it('held leaves a living master of lower priority alone, and replaces a dead one', () => {
    const hold = (now: number, isHeld = true): [number, VrrpEvent] => [now, { kind: 'hold', isHeld }];
    const living = after({}, 100, hold(0), START, heard(500, 50), heard(1500, 50));
    assert.equal(living.router.deadline, 1500 + 3609.375);
    assert.equal(after({}, 100, hold(0), START, timeout(3610)).router.state, 'master', 'nobody spoke');
    const gaveUp = after({}, 100, hold(0), START, heard(500, 50), heard(600, 0));
    assert.equal(gaveUp.router.deadline, 600 + (156 * 1000) / 256);
    const late = after({}, 100, START, heard(500, 50), heard(1500, 50), hold(1600), heard(2500, 50));
    assert.equal(late.router.deadline, 2500 + 3609.375);
    const atOnce = after({}, 100, START, heard(3500, 50), hold(3600), timeout(3610));
    assert.equal(atOnce.router.state, 'backup', 'it was about to preempt');
    const raised: [number, VrrpEvent] = [600, { kind: 'priority', priority: 200 }];
    const { router } = after({}, 100, hold(0), START, heard(500, 150), raised, heard(700, 150));
    assert.equal(router.deadline, 700 + 3000 + (56 * 1000) / 256);
  });

  it('preempts as configured when the hold ends, its delay from then on', () => {
    const hold = (now: number, isHeld: boolean): [number, VrrpEvent] => [now, { kind: 'hold', isHeld }];
    const held = [hold(0, true), START, heard(500, 50)] as const;
    const { router } = after({}, 100, ...held, hold(600, false), heard(1500, 50), heard(2500, 50));
    assert.equal(router.deadline, 500 + 3609.375, 'those after the hold do not count');
    assert.ok(!('isHeld' in router));
    const delayed = after(
      { preemptDelay: 5000 as Milliseconds },
      100,
      ...held,
      hold(600, false),
      heard(1500, 50),
    );
    assert.equal(delayed.router.preemptAt, 6500);
  });

  it('held does not begin as master, but for the owner; a master stays one, and groups go together', () => {
    const hold: [number, VrrpEvent] = [0, { kind: 'hold', isHeld: true }];
    const eager = { initialState: 'master' } as const;
    const { router } = after(eager, 100, hold, START);
    assert.deepEqual([router.state, router.deadline], ['backup', 3609.375]);
    assert.equal(after(eager, 100, hold, START, timeout(3610)).router.state, 'master');
    assert.equal(after({ isOwner: true }, 255, hold, START).router.state, 'master');
    const demoted: [number, VrrpEvent] = [10, { kind: 'become-backup' }];
    const owner = after({ isOwner: true }, 255, hold, START, demoted, heard(500, 50)).router;
    assert.equal(owner.preemptAt, 500, 'the owner is not held');
    assert.equal(
      after({}, 100, START, timeout(4000), [4100, hold[1]], heard(4200, 50)).router.state,
      'master',
    );
    assert.equal(after({}, 100, hold, START, [10, { kind: 'become-master' }]).router.state, 'master');
    const fault: [number, VrrpEvent] = [10, { kind: 'fault' }];
    const recovered = after(eager, 100, hold, START, fault, [20, { kind: 'recover' }]);
    assert.equal(recovered.router.state, 'backup');
  });

  it('as a master gives way to a higher priority, and of two equal ones the lower address does', () => {
    const master = [START, timeout(4000)] as const;
    for (const higher of [heard(4100, 150), heard(4100, 100, 1)]) {
      const { router, kinds } = after({}, 100, ...master, higher);
      assert.equal(router.state, 'backup');
      assert.deepEqual(kinds, ['conflict', 'advertise', 'give-addresses', 'entered']);
    }
    for (const lower of [heard(4100, 50), heard(4100, 100, -1)]) {
      const { router, kinds } = after({}, 100, ...master, lower);
      assert.equal(router.state, 'master');
      assert.deepEqual(
        kinds,
        ['conflict', 'advertise', 'announce'],
        'the other one, and the switches, have to know',
      );
      assert.equal(router.deadline, 5100);
    }
  });

  it('as a master that was silent for too long hears first whether it was replaced', () => {
    const master = [START, timeout(4000)] as const;
    const asleep = after({}, 100, ...master, timeout(7000));
    assert.deepEqual([asleep.router.state, asleep.router.deadline, asleep.kinds], ['master', 7125, []]);
    const alone = after({}, 100, ...master, timeout(7000), timeout(7125));
    assert.deepEqual(alone.kinds, ['advertise']);
    assert.equal(
      after({}, 100, ...master, timeout(7000), timeout(7125), heard(7200, 50)).router.state,
      'master',
    );
    for (const replaced of [[timeout(7000), heard(7010, 50)], [heard(7000, 50)]]) {
      const { router, kinds } = after({}, 100, ...master, ...replaced);
      assert.deepEqual([router.state, router.isInDoubt], ['backup', undefined]);
      assert.deepEqual(kinds, ['conflict', 'give-addresses', 'entered']);
    }
    assert.deepEqual(after({}, 100, ...master, timeout(6999)).kinds, ['advertise'], 'backups still wait');
    assert.deepEqual(after({}, 100, ...master, timeout(7000), heard(7010, 0)).kinds, ['advertise']);
    const owner = [START, timeout(7000)] as const;
    assert.deepEqual(after({ isOwner: true }, 255, ...owner).kinds, ['advertise']);
    assert.equal(after({ isOwner: true }, 255, ...owner, heard(9999, 50)).router.state, 'master');
  });

  it('as a master answers one that gives up at once', () => {
    assert.deepEqual(after({}, 100, START, timeout(4000), heard(4100, 0)).kinds, ['advertise']);
  });

  it('gives up when it is stopped or has a fault, after the addresses are gone', () => {
    for (const [kind, state] of [
      ['stop', 'initialize'],
      ['fault', 'fault'],
    ] as const) {
      const { router, actions } = after({}, 100, START, timeout(4000), [4500, { kind }]);
      assert.deepEqual(actions, [
        { kind: 'give-addresses' },
        { kind: 'advertise', priority: 0 },
        { kind: 'entered', state, from: 'master' },
      ]);
      assert.equal(router.deadline, undefined);
    }
  });

  it('with a fault hears nothing and becomes nothing until it recovers', () => {
    const fault: [number, VrrpEvent] = [100, { kind: 'fault' }];
    assert.deepEqual(after({}, 100, START, fault, heard(200, 0)).actions, []);
    assert.equal(after({}, 100, START, fault, timeout(9000)).router.state, 'fault');
    const { router } = after({}, 100, START, fault, [9000, { kind: 'recover' }]);
    assert.equal(router.state, 'backup');
    assert.equal(router.deadline, 9000 + 3609.375);
  });

  it('as a backup waits shorter with a higher priority, and as a master tells the new one', () => {
    const priority: [number, VrrpEvent] = [1000, { kind: 'priority', priority: 200 }];
    assert.equal(after({}, 100, START, priority).router.deadline, 3000 + (56 * 1000) / 256);
    const { actions } = after(
      {},
      100,
      START,
      timeout(4000),
      [4100, { kind: 'priority', priority: 200 }],
      timeout(5000),
    );
    assert.deepEqual(actions, [{ kind: 'advertise', priority: 200 }]);
  });

  it('follows its group, and does nothing twice', () => {
    const together = after({}, 100, START, [10, { kind: 'become-master' }]);
    assert.equal(together.router.state, 'master');
    const back = after({}, 100, START, [10, { kind: 'become-master' }], [20, { kind: 'become-backup' }]);
    assert.deepEqual(back.kinds, ['give-addresses', 'entered']);
    assert.deepEqual(after({}, 100, START, START).actions, []);
    assert.deepEqual(after({}, 100, [0, { kind: 'stop' }]).actions, []);
    assert.deepEqual(after({}, 100, START, [10, { kind: 'recover' }]).actions, []);
  });
});
