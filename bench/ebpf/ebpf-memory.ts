import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Family } from '../../src/model/address.ts';
import type { BpfObject } from '../../src/system/bpf/bpf-object.ts';
import type { Benchmark, Measurement } from '../benchmark.ts';
import { loadDataPlane, USUAL_ENTRIES } from './data-plane-object.ts';
import { measurementOf } from './measurement-of.ts';
import { putConnections } from './packet/fill-table.ts';
import { requireMachine } from './require-machine.ts';

const LIMIT = { inet: 256, inet6: 384 } as const satisfies Record<Family, number>;
const DIGIT = { inet: '4', inet6: '6' } as const satisfies Record<Family, string>;

export const ebpfMemory: Benchmark = {
  name: 'ebpf-memory',
  description: `Bytes of a masqueraded connection of the eBPF engine, both directions, in full tables for ${USUAL_ENTRIES.toLocaleString('en')} connections.`,
  async run() {
    requireMachine();
    const before = usedMemory();
    const plane = loadDataPlane({ programs: ['vipr_clock'], families: ['4', '6'] });
    try {
      const measurements = (['inet', 'inet6'] as const).map((family) => measure(plane, family));
      const [four, six] = measurements;
      const used = (usedMemory() - before) / USUAL_ENTRIES;
      const sum = (four?.value ?? 0) + (six?.value ?? 0);
      const note =
        'by /proc/meminfo, with all other maps, and with what else went on on the machine meanwhile; ' +
        `the four tables account for ${sum.toFixed(0)}`;
      return [
        ...measurements,
        measurementOf('used by one connection of each family', 'bytes', [used], { note }),
      ];
    } finally {
      plane.close();
    }
  },
};

function measure(plane: BpfObject, family: Family): Measurement {
  const names = ['connections', 'replies'].map((name) => `${name}${DIGIT[family]}`);
  putConnections(plane, family, 'masquerade', USUAL_ENTRIES);
  // Full: nothing was left out.
  assert.throws(() => putConnections(plane, family, 'masquerade', USUAL_ENTRIES + 1), { code: 'E2BIG' });
  const bytes = names.map((name) => lockedMemory(plane.map(name).fd) / USUAL_ENTRIES);
  const value = bytes.reduce((sum, each) => sum + each, 0);
  const ratio = { to: `the limit of ${LIMIT[family]}`, value: value / LIMIT[family], limit: 1 };
  const note = names.map((name, index) => `${name} ${bytes[index]?.toFixed(1)}`).join(', ');
  return measurementOf(family, 'bytes', [value], { ratio, note });
}

/** Bytes that the kernel takes for a map, buckets included. */
function lockedMemory(fd: number): number {
  const text = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
  return Number(/^memlock:\t(\d+)$/m.exec(text)?.[1]);
}

/** Bytes of the machine that are neither free nor a cache. */
function usedMemory(): number {
  const text = readFileSync('/proc/meminfo', 'utf8');
  const kilobytes = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text)?.[1]);
  return (kilobytes('MemTotal') - kilobytes('MemAvailable')) * 1024;
}

if (import.meta.main) {
  const { formatMeasurements } = await import('../format-measurements.ts');
  console.log(ebpfMemory.description);
  process.stdout.write(formatMeasurements(await ebpfMemory.run()));
}
