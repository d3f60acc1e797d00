import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Finding, trackedClaim } from './tracked-claim.ts';

const up = (weight: number, reverse?: true): Finding => ({
  what: 'script x',
  weight,
  isUp: true,
  ...(reverse && { reverse }),
});
const down = (weight: number, reverse?: true): Finding => ({
  what: 'script x',
  weight,
  isUp: false,
  ...(reverse && { reverse }),
});
const file = (value: number, weight: number, reverse?: true): Finding => ({
  what: 'file /f',
  weight,
  value,
  ...(reverse && { reverse }),
});

describe('what tracking makes of a priority', () => {
  for (const { title, findings, priority = 100, faults = [] } of [
    { title: 'nothing is tracked', findings: [] },
    { title: 'a positive weight counts while it is up', findings: [up(20)], priority: 120 },
    { title: 'and not while it is down', findings: [down(20)] },
    { title: 'a negative weight counts while it is down', findings: [down(-20)], priority: 80 },
    { title: 'and not while it is up', findings: [up(-20)] },
    { title: 'reverse turns the direction around', findings: [up(20, true), down(-5, true)], priority: 85 },
    {
      title: 'weight 0 is a fault while it is down',
      findings: [down(0), up(0)],
      faults: ['script x is down'],
    },
    { title: 'and reversed while it is up', findings: [up(0, true)], faults: ['script x is up'] },
    { title: 'a file counts by its value', findings: [file(-3, 10)], priority: 70 },
    { title: 'a reversed file, too', findings: [file(-3, 10, true)], priority: 130 },
    { title: 'a file far below is a fault', findings: [file(-254, 1)], faults: ['file /f says -254'] },
    {
      title: 'a file of weight 0 is a fault unless it says 0',
      findings: [file(1, 0), file(0, 0)],
      faults: ['file /f says 1'],
    },
    { title: 'reversed, where it says 0', findings: [file(0, 0, true)], faults: ['file /f says 0'] },
    { title: 'it stays below the owner', findings: [up(253), up(253)], priority: 254 },
    { title: 'and above nothing', findings: [down(-253), down(-10)], priority: 1 },
  ] as const) {
    it(title, () => assert.deepEqual(trackedClaim(100, findings), { priority, faults }));
  }

  it('leaves the owner its 255, but not in a fault', () => {
    assert.deepEqual(trackedClaim(255, [down(-20), down(0)]), {
      priority: 255,
      faults: ['script x is down'],
    });
  });
});
