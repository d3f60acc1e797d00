import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Milliseconds } from '../../src/model/unit.ts';
import { SeededRandom } from '../random/seeded-random.ts';
import { CALM, SimulatedNetwork, type SimulatedRouter } from './simulated-network.ts';

const SEEDS = 3000;
const INTERVALS = [100, 500, 1000, 3000] as const;

describe('VRRP elections, simulated', () => {
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
  } else network.tell(any, { kind: random() < 0.5 ? 'fault' : 'recover' });
}
