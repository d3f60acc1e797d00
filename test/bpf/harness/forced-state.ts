import { encodeConnection } from '../../../src/engines/ebpf/codec/connection-codec.ts';
import {
  CONNECTION_INACTIVE,
  CONNECTION_NO_OUTPUT,
  CONNECTION_STATE,
  OFFSET,
} from '../../../src/engines/ebpf/layout.gen.ts';
import type { ListedConnection } from './connection-list.ts';
import type { Lab } from './lab.ts';
import { indexKey } from './map-entries.ts';

/** Puts the only connection of its destination into a state, as if packets had led there. */
export function forceState(
  lab: Lab,
  { key, record }: ListedConnection,
  {
    state,
    active,
    noOutput,
  }: { readonly state: number; readonly active: boolean; readonly noOutput: boolean },
): void {
  const kept = record.word & ~(CONNECTION_STATE | CONNECTION_INACTIVE | CONNECTION_NO_OUTPUT);
  const word = kept | state | (active ? 0 : CONNECTION_INACTIVE) | (noOutput ? CONNECTION_NO_OUTPUT : 0);
  const map = key.length === 16 ? 'connections4' : 'connections6';
  lab.plane.map(map).update(key, encodeConnection({ ...record, word }));
  const lives = lab.plane.map('destination_live');
  const live = new Uint8Array(lives.valueSize);
  const view = new DataView(live.buffer);
  view.setUint32(active ? OFFSET.destination_live.active : OFFSET.destination_live.inactive, 1, true);
  lives.update(indexKey(record.destination), live);
}
