import { type JiffiesClock, learnJiffies, readKernelClock } from '../../src/engines/ebpf/jiffies.ts';
import { SettingsMap } from '../../src/engines/ebpf/lifecycle/settings-map.ts';
import { SIZED_MAPS, type TableSizes } from '../../src/engines/ebpf/lifecycle/table-sizes.ts';
import type { SyncDataPlane } from '../../src/engines/ebpf/sync/ebpf-sync-table.ts';
import { type EngineMaps, engineMaps } from '../../src/engines/ebpf/table/engine-maps.ts';
import type { BpfMap } from '../../src/system/bpf/bpf-map.ts';
import { BpfObject } from '../../src/system/bpf/bpf-object.ts';
import { testRun } from '../../src/system/bpf/test-run.ts';

const OBJECT = new URL('../../bpf/vipr.bpf.o', import.meta.url).pathname;
const RUN_BY_HAND = ['vipr_clock', 'vipr_sync_put'];
const SMALL: TableSizes = { connections: 4096, services: 1024, destinations: 2048 };

/** The maps of the data plane in a kernel, without the programs that packets pass. */
export interface EbpfMaps {
  readonly maps: EngineMaps;
  readonly settings: SettingsMap;
  readonly clock: JiffiesClock;
  readonly syncDataPlane: SyncDataPlane;
  close(): void;
}

/** Why there can be no maps on this machine, or undefined where there can. */
export function whyNoEbpfMaps(): string | undefined {
  if (process.getuid?.() !== 0) return 'BPF maps need root';
  try {
    open(SMALL).close();
    return undefined;
  } catch (error) {
    return `no BPF maps here: ${(error as Error).message.split('\n')[0]}`;
  }
}

let jiffies: { hz: number } | undefined;

/** Fresh maps, which nobody pins: they end when they are closed. */
export async function openEbpfMaps(sizes: Partial<TableSizes> = {}): Promise<EbpfMaps> {
  const object = open({ ...SMALL, ...sizes });
  const opened: BpfMap[] = [];
  const openMap = (name: string): BpfMap => {
    const map = object.map(name).open();
    opened.push(map);
    return map;
  };
  const maps = engineMaps(openMap);
  const clock = object.program('vipr_clock');
  jiffies ??= await learnJiffies(() => readKernelClock(clock));
  return {
    maps,
    settings: new SettingsMap(maps.settings),
    clock: { hz: jiffies.hz, now: () => readKernelClock(clock).jiffies },
    syncDataPlane: {
      events: openMap('sync_events'),
      totals: openMap('totals'),
      put: object.program('vipr_sync_put'),
    },
    close: () => {
      for (const map of opened) map.close();
      object.close();
    },
  };
}

function open(sizes: TableSizes): BpfObject {
  const object = BpfObject.open(OBJECT);
  for (const [name, program] of object.programs) program.setAutoload(RUN_BY_HAND.includes(name));
  for (const [name, size] of Object.entries(SIZED_MAPS)) object.map(name).setMaxEntries(sizes[size]);
  try {
    object.load();
    testRun(object.program('vipr_clock'), { context: new Uint8Array(16) });
    return object;
  } catch (error) {
    object.close();
    throw error;
  }
}
