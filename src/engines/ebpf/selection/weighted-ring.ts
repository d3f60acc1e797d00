import { firstPassThatTakes, passCycle } from '../../../scheduling/pass-cycle.ts';
import { WeightedRoundRobin } from '../../../scheduling/wrr.ts';
import type { LiveDestination } from '../../table/live-destination.ts';
import type { LiveService } from '../../table/live-service.ts';
import { type RingSegment, ringLength, ringWords } from './ring.ts';
import type { RingPosition, SelectionCompiler } from './selection-compiler.ts';

/**
 * wrr: a cycle of passes from the heaviest destinations down to all of them. Passes that take the same ones are one segment,
 * so a segment for each weight there is. After a change the ring goes on at the head of the pass that was under way.
 *
 * Where nobody can be chosen the position stays, and with it the pass; the kernel's goes on in the last pass.
 */
export const weightedRing: SelectionCompiler = {
  followsEdits: true,
  compile: (destinations) => ringWords(passSegments(destinations)),
  ring: {
    follow({ scheduler, destinations }: LiveService, { position, placed }: RingPosition): void {
      if (!(scheduler instanceof WeightedRoundRobin)) return;
      const segments = passSegments(destinations);
      const total = ringLength(segments);
      // The position is one behind the last choice, which may have ended a pass; where there was none it begins one.
      const within = position === placed ? position : position - 1;
      scheduler.resume(total === 0 ? 0 : passWeightAt(segments, within % total));
    },
    place({ scheduler, destinations }: LiveService): number {
      if (!(scheduler instanceof WeightedRoundRobin)) return 0;
      return startOfPass(passSegments(destinations), scheduler.passWeight);
    },
  },
};

/** The words that the members of a weighted ring take: those of the heaviest weight, then of the two heaviest, and so on. */
export function weightedMembers(weights: Iterable<number>): number {
  const counts = new Map<number, number>();
  for (const weight of weights) if (weight > 0) counts.set(weight, (counts.get(weight) ?? 0) + 1);
  let members = 0;
  let taken = 0;
  for (const weight of [...counts.keys()].sort((a, b) => b - a)) {
    taken += counts.get(weight) ?? 0;
    members += taken;
  }
  return members;
}

interface PassSegment extends RingSegment {
  /** What the first of its passes asks of a destination; each pass asks `step` less. */
  readonly firstPass: number;
  readonly step: number;
}

function passSegments(destinations: readonly LiveDestination[]): readonly PassSegment[] {
  const { step } = passCycle(destinations);
  const weights = [...new Set(destinations.map(({ weight }) => weight))]
    .filter((weight) => weight > 0)
    .sort((a, b) => b - a);
  return weights.map((weight, index) => ({
    members: destinations.filter((destination) => destination.weight >= weight),
    rounds: (weight - (weights[index + 1] ?? 0)) / step,
    firstPass: firstPassThatTakes(weight, step),
    step,
  }));
}

function passWeightAt(segments: readonly PassSegment[], position: number): number {
  let start = 0;
  for (const { members, rounds, firstPass, step } of segments) {
    const end = start + rounds * members.length;
    if (position < end) return firstPass - Math.floor((position - start) / members.length) * step;
    start = end;
  }
  return 0;
}

function startOfPass(segments: readonly PassSegment[], passWeight: number): number {
  let start = 0;
  for (const { members, rounds, firstPass, step } of segments) {
    const round = (firstPass - passWeight) / step;
    if (round >= 0 && round < rounds) return start + round * members.length;
    start += rounds * members.length;
  }
  return 0;
}
