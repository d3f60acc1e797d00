import type { LiveDestination } from '../../table/live-destination.ts';
import {
  NO_ID,
  SELECTION_BODY,
  SELECTION_LENGTH,
  SELECTION_RULE,
  SELECTION_STAGE,
  SELECTION_TOTAL_HIGH,
  SELECTION_TOTAL_LOW,
  STAGE_NONE,
} from '../layout.gen.ts';

/** What a selection's words begin with, and how many follow. */
export interface SelectionHead {
  /** STAGE_* */
  readonly stage: number;
  /** RULE_* */
  readonly rule: number;
  /** Destinations of a list, slots of a hash, segments of a ring. */
  readonly length: number;
  readonly bodyWords: number;
  /** Choices in one round of a ring; below 2^53. */
  readonly total?: number;
}

/** The words of a selection with its head filled in, its body 0. */
export function selectionWords({ stage, rule, length, bodyWords, total = 0 }: SelectionHead): Uint32Array {
  const words = new Uint32Array(SELECTION_BODY + bodyWords);
  words[SELECTION_STAGE] = stage;
  words[SELECTION_RULE] = rule;
  words[SELECTION_LENGTH] = length;
  words[SELECTION_TOTAL_LOW] = total % 2 ** 32;
  words[SELECTION_TOTAL_HIGH] = Math.floor(total / 2 ** 32);
  return words;
}

/** The words of a selection whose body is one id after the other, NO_ID for nobody. */
export function idWords(
  stage: number,
  rule: number,
  destinations: readonly (LiveDestination | undefined)[],
): Uint32Array {
  const { length } = destinations;
  const words = selectionWords({ stage, rule, length, bodyWords: length });
  for (const [index, destination] of destinations.entries())
    words[SELECTION_BODY + index] = destination?.slot ?? NO_ID;
  return words;
}

/** Schedules nobody. */
export const NO_SELECTION: Uint32Array = selectionWords({
  stage: STAGE_NONE,
  rule: 0,
  length: 0,
  bodyWords: 0,
});
