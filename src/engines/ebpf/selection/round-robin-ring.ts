import { RoundRobin } from '../../../scheduling/rr.ts';
import type { LiveDestination } from '../../table/live-destination.ts';
import type { LiveService } from '../../table/live-service.ts';
import { ringWords } from './ring.ts';
import type { RingPosition, SelectionCompiler } from './selection-compiler.ts';

/**
 * rr: one segment over the whole list, over those that are quiesced, too: the data plane steps over them. The destination
 * chosen last is the one before the position; 0 stands for the head.
 */
export const roundRobinRing: SelectionCompiler = {
  followsEdits: false,
  compile: (destinations) =>
    ringWords(destinations.length === 0 ? [] : [{ members: destinations, rounds: 1 }]),
  ring: {
    follow({ scheduler, destinations }: LiveService, { position }: RingPosition): void {
      const last = position === 0 ? undefined : destinations[(position - 1) % (destinations.length || 1)];
      if (scheduler instanceof RoundRobin) (scheduler as RoundRobin<LiveDestination>).resume(last);
    },
    place({ scheduler, destinations }: LiveService): number {
      const last =
        scheduler instanceof RoundRobin ? (scheduler as RoundRobin<LiveDestination>).last : undefined;
      return last === undefined ? 0 : destinations.indexOf(last) + 1;
    },
  },
};
