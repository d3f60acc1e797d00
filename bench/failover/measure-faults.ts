import { FailoverLab } from '../../test/netns/failover/fixture/failover-lab.ts';
import { FAULTS, type Fault } from '../../test/netns/failover/fixture/fault.ts';
import { type RideOutFigures, rideOut } from '../../test/netns/failover/fixture/ride-out.ts';
import { METHODS, TARGETS } from '../../test/netns/failover/fixture/target.ts';
import type { Measurement } from '../benchmark.ts';
import { measurementOf } from '../ebpf/measurement-of.ts';
import { median } from '../statistics.ts';

const ROUNDS = 3;
const LOAD = { connections: 1000, more: 200, rate: '1M' } as const;
const MEGABYTES = 12;
/** Milliseconds that a takeover is to last at most, with the defaults. */
const LIMIT_MS = 1000;

/** Two directors on the engine ebpf with the defaults of VRRP: each fault strikes the master, which returns after it, under load. */
export async function measureFaults(): Promise<readonly Measurement[]> {
  const site = await FailoverLab.open({ megabytes: MEGABYTES });
  try {
    await site.up();
    const measurements: Measurement[] = [];
    for (const fault of FAULTS) {
      const rounds: RideOutFigures[] = [];
      for (let round = 0; round < ROUNDS; round++) rounds.push(await rideOut(site, fault, LOAD));
      measurements.push(...report(fault, rounds));
    }
    return measurements;
  } finally {
    await site.close();
  }
}

function report({ name: fault }: Fault, rounds: readonly RideOutFigures[]): readonly Measurement[] {
  return METHODS.flatMap((method) => {
    const names = TARGETS.filter((target) => target.method === method).map(({ name }) => name);
    const outagesOf = (phase: 'takeover' | 'failback'): number[] =>
      rounds.flatMap((figures) => names.map((name) => figures[phase][name]?.milliseconds ?? Number.NaN));
    const lost = rounds.flatMap(({ open }) =>
      Object.entries(open.lost).flatMap(([what, count]) =>
        names.some((name) => what.startsWith(name)) ? [count] : [],
      ),
    );
    const broken = rounds.flatMap(({ brokenDownloads }) =>
      brokenDownloads.filter((what) => names.some((name) => what.startsWith(name))),
    );
    const opened = rounds.reduce((sum, { open }) => sum + open.opened, 0) / METHODS.length;
    const note = `lost ${lost.reduce((sum, count) => sum + count, 0)} of ${opened} connections, ${broken.length} of ${names.length * rounds.length} downloads`;
    const takeover = outagesOf('takeover');
    return [
      measurementOf(`${fault}, ${method}`, 'ms', takeover, {
        ratio: { to: 'a second', value: median(takeover) / LIMIT_MS, limit: 1 },
        note,
      }),
      measurementOf(`${fault}, ${method}, its return`, 'ms', outagesOf('failback')),
    ];
  });
}
