import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Milliseconds } from '../../src/model/unit.ts';
import { SeededRandom } from '../random/seeded-random.ts';
import { CALM, SimulatedNetwork, type SimulatedRouter } from './simulated-network.ts';

const SEEDS = 3000;
const INTERVALS = [100, 500, 1000, 3000] as const;

describe('VRRP elections, simulated', () => {
  it(`held routers leave a living master alone, and replace a dead one (${SEEDS} seeds)`, () => {
    for (let seed = 1; seed <= SEEDS; seed++) heldStory(seed);
  });

  it(`one master in each part that is connected, after anything at all (${SEEDS} seeds)`, () => {
    for (let seed = 1; seed <= SEEDS; seed++) story(seed);
  });
});

/** Some minutes in the life of some routers: whatever happened, calm weather leads to one master in each part. */
function story(seed: number): void {
  const chance = new SeededRandom(seed);
  const random = (): number => chance.next();
  const below = (limit: number): number => Math.floor(random() * limit);
  const interval = (INTERVALS[below(INTERVALS.length)] ?? 1000) as Milliseconds;
  const version = interval >= 1000 && random() < 0.5 ? 2 : 3;
  const preempt = random() < 0.7;
  const ties = random() < 0.3;
  const routers = Array.from({ length: 2 + below(5) }, (_, index): SimulatedRouter => {
    return {
      settings: {
        version,
        virtualRouterId: 1,
        initialState: random() < 0.3 ? 'master' : 'backup',
        interval,
        preempt,
        preemptDelay: (random() < 0.3 ? below(5) * interval : 0) as Milliseconds,
        isOwner: false,
      },
      priority: ties ? 100 : 1 + ((index * 37 + below(7)) % 254),
      pace: 0.99 + random() * 0.02,
    };
  });
  const network = new SimulatedNetwork(routers, random);
  for (const index of routers.keys()) network.start(index);
  for (let turns = 4 + below(12); turns > 0; turns--) {
    disturb(network, routers.length, random);
    network.run(random() * 6 * interval);
  }
  network.weather = CALM;
  for (const index of routers.keys()) network.tell(index, { kind: 'hold', isHeld: false });
  network.run(50 * interval);
  const conflicts = network.conflicts;
  network.run(50 * interval);
  const told = `seed ${seed}`;
  assert.equal(network.conflicts, conflicts, `${told}: no master hears another one any more`);
  for (const part of new Set(network.routers.map((node) => node.part))) {
    const able = network.routers.flatMap((node, index) =>
      node.part === part && node.isAlive && node.router.state !== 'fault' ? [index] : [],
    );
    const masters = network.masters(part);
    assert.equal(masters.length, Math.min(1, able.length), `${told}: masters of part ${part}: ${masters}`);
    const [master] = masters;
    if (!preempt || master === undefined) continue;
    const priority = (index: number): number => network.routers[index]?.router.priority ?? 0;
    const highest = Math.max(...able.map(priority));
    assert.equal(priority(master), highest, `${told}: the highest priority is master of part ${part}`);
  }
}

/** Held routers come to a master of any priority, which nobody can interrupt but its death, in calm weather. */
function heldStory(seed: number): void {
  const chance = new SeededRandom(seed);
  const interval = (INTERVALS[Math.floor(chance.next() * INTERVALS.length)] ?? 1000) as Milliseconds;
  const count = 2 + Math.floor(chance.next() * 4);
  const routers = Array.from({ length: count }, (_, index): SimulatedRouter => {
    return {
      settings: {
        version: interval >= 1000 && seed % 2 === 0 ? 2 : 3,
        virtualRouterId: 1,
        initialState: chance.next() < 0.5 ? 'master' : 'backup',
        interval,
        preempt: true,
        preemptDelay: 0 as Milliseconds,
        isOwner: false,
      },
      priority: 10 + 40 * index + Math.floor(chance.next() * 40),
      pace: 0.99 + chance.next() * 0.02,
    };
  });
  const others = routers.slice(1).map((_, index) => index + 1);
  const network = new SimulatedNetwork(routers, () => chance.next());
  network.start(0);
  network.run(10 * interval);
  const told = `seed ${seed}`;
  for (const index of others) {
    network.start(index, true);
    network.run(chance.next() * 10 * interval);
    assert.deepEqual(network.masters(), [0], `${told}: the lowest priority is master still`);
  }
  if (chance.next() < 0.5) network.kill(0);
  else network.stop(0);
  network.run(10 * interval + 1000);
  const [heir = 0, ...more] = network.masters();
  assert.ok(heir !== 0 && more.length === 0, `${told}: one replaces it, not ${network.masters()}`);
  for (const index of others) network.tell(index, { kind: 'hold', isHeld: false });
  network.run(20 * interval);
  assert.deepEqual(network.masters(), [count - 1], `${told}: the highest priority is master after the hold`);
}

function disturb(network: SimulatedNetwork, count: number, random: () => number): void {
  const any = Math.floor(random() * count);
  const dice = random();
  if (dice < 0.15) network.kill(any);
  else if (dice < 0.25) network.stop(any);
  else if (dice < 0.45) for (let index = 0; index < count; index++) network.start(index);
  else if (dice < 0.6) {
    const parts = 1 + Math.floor(random() * 3);
    network.partition(() => Math.floor(random() * parts));
  } else if (dice < 0.75) {
    network.weather = { loss: random() * 0.9, duplication: random() * 0.5, delay: random() * 3000 };
  } else if (dice < 0.85) {
    network.tell(any, { kind: 'priority', priority: 1 + Math.floor(random() * 254) });
  } else if (dice < 0.93) {
    network.tell(any, { kind: 'hold', isHeld: random() < 0.7 });
  } else network.tell(any, { kind: random() < 0.5 ? 'fault' : 'recover' });
}
