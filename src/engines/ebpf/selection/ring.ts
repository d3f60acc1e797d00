import type { LiveDestination } from '../../table/live-destination.ts';
import {
  RULE_NONE,
  SEGMENT_AT,
  SEGMENT_END_HIGH,
  SEGMENT_END_LOW,
  SEGMENT_SIZE,
  SEGMENT_WORDS,
  SELECTION_BODY,
  STAGE_RING,
} from '../layout.gen.ts';
import { selectionWords } from './selection-words.ts';

/** A stretch of a ring: `rounds` times round the same members. */
export interface RingSegment {
  readonly members: readonly LiveDestination[];
  readonly rounds: number;
}

/** The words of a ring. A service without members has none that a packet could choose. */
export function ringWords(segments: readonly RingSegment[]): Uint32Array {
  const memberWords = segments.reduce((sum, { members }) => sum + members.length, 0);
  const headWords = segments.length * SEGMENT_WORDS;
  const words = selectionWords({
    stage: STAGE_RING,
    rule: RULE_NONE,
    length: segments.length,
    bodyWords: headWords + memberWords,
    total: ringLength(segments),
  });
  let end = 0;
  let at = headWords;
  for (const [index, { members, rounds }] of segments.entries()) {
    const head = SELECTION_BODY + index * SEGMENT_WORDS;
    end += rounds * members.length;
    words[head + SEGMENT_END_LOW] = end % 2 ** 32;
    words[head + SEGMENT_END_HIGH] = Math.floor(end / 2 ** 32);
    words[head + SEGMENT_AT] = at;
    words[head + SEGMENT_SIZE] = members.length;
    for (const [place, { slot }] of members.entries()) words[SELECTION_BODY + at + place] = slot;
    at += members.length;
  }
  return words;
}

/** Choices in one round of all segments. */
export function ringLength(segments: readonly RingSegment[]): number {
  return segments.reduce((sum, { members, rounds }) => sum + rounds * members.length, 0);
}
