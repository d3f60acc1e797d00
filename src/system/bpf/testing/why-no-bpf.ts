import { BpfMap } from '../bpf-map.ts';
import { BPF_MAP_TYPE_ARRAY } from '../constants.ts';

/** Why tests that need bpf(2) cannot run here, for their `skip`; false where they can. */
export const whyNoBpf: string | false = findReason();

function findReason(): string | false {
  try {
    BpfMap.create({ type: BPF_MAP_TYPE_ARRAY, keySize: 4, valueSize: 4, maxEntries: 1 }).close();
    return false;
  } catch (error) {
    return `needs bpf(2), so root: ${error instanceof Error ? error.message : error}`;
  }
}
