import { SYNC_FLAGS, type SyncRecord } from '../message/sync-record.ts';

/** How many states each protocol has (include/net/ip_vs.h): AH, ESP and UDP only one. */
const STATES: Readonly<Record<number, number>> = { 6: 11, 17: 1, 50: 1, 51: 1, 132: 14 };
/** Of templates: NONE and ASSURED. */
const TEMPLATE_STATES = 2;
const KNOWN_FLAGS = Object.values(SYNC_FLAGS).reduce((all, flags) => all | flags, 0);

/**
 * The record as a table may take it, with the flags that mean something to a receiver and sequence data exactly where they tell of it; undefined
 * for a protocol or a state that there is not (ip_vs_sync.c, ip_vs_proc_sync_conn).
 */
export function validRecord({ sequence, ...record }: SyncRecord): SyncRecord | undefined {
  const { protocol, state } = record;
  const isTemplate = (record.flags & SYNC_FLAGS.template) !== 0;
  const states = protocol === 0 && isTemplate ? TEMPLATE_STATES : STATES[protocol];
  if (states === undefined || state >= (isTemplate ? TEMPLATE_STATES : states)) return undefined;
  const flags = record.flags & KNOWN_FLAGS;
  if (sequence !== undefined && (flags & SYNC_FLAGS.sequence) !== 0) return { ...record, flags, sequence };
  return { ...record, flags: flags & ~SYNC_FLAGS.sequence };
}
