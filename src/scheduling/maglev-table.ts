import { foldAddress } from '../model/address.ts';
import { gcd } from './gcd.ts';
import type { SchedulerDestination } from './scheduler.ts';
import { hsiphash, type SipHashKey } from './siphash.ts';

/** Entries of a table: the prime for the kernel's default MH_TAB_INDEX of 12 (ip_vs_mh.c, primes). */
export const MAGLEV_TABLE_SIZE = 4093;

/** The hash, of a folded address and a port together, by which clients find their entry; sums are cut to 32 bits. */
export function maglevHash(addressAndPort: number): number {
  return hsiphash(addressAndPort | 0, ENTRY_KEY);
}

/**
 * The table that destinations fill in list order, each placing as many entries in a row as its weight gives it turns;
 * empty where none has ever had a weight (ip_vs_mh.c, ip_vs_mh_populate). Of more destinations than entries the newest
 * are left out: IPVS keeps the table of before they came.
 */
export function maglevTable<D extends SchedulerDestination>(
  destinations: readonly D[],
): readonly (D | undefined)[] {
  const oldest = destinations.slice(-MAGLEV_TABLE_SIZE);
  const turnsOf = turnsByWeight(oldest);
  const walks = oldest
    .filter((destination) => destination.lastWeight > 0)
    .map((destination) => ({
      destination,
      turns: turnsOf(destination),
      at: permutationOf(destination).offset,
      skip: permutationOf(destination).skip,
    }));
  if (walks.length === 0) return [];

  const table = new Array<D | undefined>(MAGLEV_TABLE_SIZE).fill(undefined);
  for (let filled = 0; ; ) {
    for (const walk of walks) {
      for (let turn = 0; turn < walk.turns; turn++) {
        while (table[walk.at] !== undefined) walk.at = (walk.at + walk.skip) % MAGLEV_TABLE_SIZE;
        table[walk.at] = walk.destination;
        if (++filled === MAGLEV_TABLE_SIZE) return table;
      }
    }
  }
}

/** Half of the kernel's default MH_TAB_INDEX: the turns of the heaviest destination stay below 2 to this power. */
const TURN_BITS = 6;

/** Both 64-bit words of each key are the same 32-bit number (ip_vs_mh.c, ip_vs_mh_init_svc). */
const ENTRY_KEY: SipHashKey = [2654435761, 0, 2654435761, 0];
const SKIP_KEY: SipHashKey = [2654446892, 0, 2654446892, 0];

/** Weights shrunk until the table has room for them, those above 0 to no less than 1 (ip_vs_mh_shift_weight). */
function turnsByWeight(
  destinations: readonly SchedulerDestination[],
): (destination: SchedulerDestination) => number {
  let divisor = 0;
  let heaviest = 0;
  for (const { lastWeight } of destinations) {
    divisor = gcd(divisor, lastWeight);
    heaviest = Math.max(heaviest, lastWeight);
  }
  const bits = 32 - Math.clz32(heaviest / divisor);
  const shift = Math.max(0, bits - TURN_BITS);
  return ({ lastWeight }) => Math.max(1, (lastWeight / divisor) >>> shift);
}

interface Permutation {
  /** The first entry that a destination asks for. */
  readonly offset: number;
  /** From each entry to the next, modulo the size of the table, which is prime: all entries come up. */
  readonly skip: number;
}

const permutations = new WeakMap<SchedulerDestination, Permutation>();

function permutationOf(destination: SchedulerDestination): Permutation {
  const known = permutations.get(destination);
  if (known !== undefined) return known;
  const addressAndPort = (foldAddress(destination.address) + destination.port) | 0;
  const permutation = {
    offset: hsiphash(addressAndPort, ENTRY_KEY) % MAGLEV_TABLE_SIZE,
    skip: (hsiphash(addressAndPort, SKIP_KEY) % (MAGLEV_TABLE_SIZE - 1)) + 1,
  };
  permutations.set(destination, permutation);
  return permutation;
}
