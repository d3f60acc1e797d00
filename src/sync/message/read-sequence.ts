import type { SequenceData, SyncRecord } from './sync-record.ts';

/** Sequence data of both directions. */
export function readSequence(
  view: DataView,
  offset: number,
  littleEndian = false,
): NonNullable<SyncRecord['sequence']> {
  const word = (index: number): number => view.getUint32(offset + 4 * index, littleEndian);
  const direction = (first: number): SequenceData => {
    return { initial: word(first), delta: word(first + 1), previousDelta: word(first + 2) };
  };
  return { inbound: direction(0), outbound: direction(3) };
}
