import { join } from 'node:path';
import { BpfObject } from '../../src/system/bpf/bpf-object.ts';

export const DATA_PLANE_FILE = join(import.meta.dirname, '../../bpf/vipr.bpf.o');
/** Entries of the connection tables as users get them. */
export const USUAL_ENTRIES = 1_048_576;
/** For tables that a benchmark does not use. */
const FEW_ENTRIES = 1024;

export interface DataPlaneOptions {
  /** The programs that are loaded. */
  readonly programs: readonly string[];
  /** Of which family the connection tables have their usual size; the others are small. */
  readonly families?: readonly ('4' | '6')[];
}

/** The data plane with maps of its own, which end with it; loaded, and with nothing in it. */
export function loadDataPlane({ programs, families = ['4'] }: DataPlaneOptions): BpfObject {
  const object = BpfObject.open(DATA_PLANE_FILE, 'vipr');
  try {
    for (const [name, program] of object.programs) program.setAutoload(programs.includes(name));
    for (const family of ['4', '6'] as const) {
      const entries = families.includes(family) ? USUAL_ENTRIES : FEW_ENTRIES;
      for (const name of ['connections', 'replies']) object.map(`${name}${family}`).setMaxEntries(entries);
    }
    object.load();
    return object;
  } catch (error) {
    object.close();
    throw error;
  }
}
