import assert from 'node:assert/strict';
import { TOTAL_CONNECTIONS_REMOVED } from '../../src/engines/ebpf/layout.gen.ts';
import { sweepPass } from '../../src/engines/ebpf/lifecycle/sweep-pass.ts';
import { Sweeper } from '../../src/engines/ebpf/lifecycle/sweeper.ts';
import { Totals } from '../../src/engines/ebpf/lifecycle/totals.ts';
import type { BpfLink } from '../../src/system/bpf/bpf-link.ts';
import type { BpfMap } from '../../src/system/bpf/bpf-map.ts';
import type { BpfObject } from '../../src/system/bpf/bpf-object.ts';
import { createMapIterator } from '../../src/system/bpf/map-iterator.ts';
import type { Benchmark, Measurement } from '../benchmark.ts';
import { median } from '../statistics.ts';
import { loadDataPlane, USUAL_ENTRIES } from './data-plane-object.ts';
import { measurementOf } from './measurement-of.ts';
import { fillTable, putConnections } from './packet/fill-table.ts';
import { requireMachine } from './require-machine.ts';

const ITERATORS = {
  vipr_sweep4: 'connections4',
  vipr_sweep6: 'connections6',
  vipr_sweep_replies4: 'replies4',
  vipr_sweep_replies6: 'replies6',
} as const;
const CONNECTIONS = ['vipr_sweep4', 'vipr_sweep6'] as const;
const REPLIES = ['vipr_sweep_replies4', 'vipr_sweep_replies6'] as const;
const PASSES = 7;
const EXPIRING_PASSES = 3;
/** Of one processor. */
const LIMIT_PERCENT = 5;
/** Jiffies that passed long ago. */
const LONG_AGO = 1;

type Iterators = ReadonlyMap<string, BpfLink>;

export const ebpfSweep: Benchmark = {
  name: 'ebpf-sweep',
  description: `What the sweep of the eBPF engine takes with ${USUAL_ENTRIES.toLocaleString('en')} masqueraded connections in the table.`,
  async run() {
    requireMachine();
    const plane = loadDataPlane({ programs: Object.keys(ITERATORS), families: ['4', '6'] });
    const links = new Map<string, BpfLink>();
    const totals = plane.map('totals').open();
    try {
      for (const [program, map] of Object.entries(ITERATORS))
        links.set(program, createMapIterator(plane.program(program), plane.map(map)));
      fillTable(plane, { method: 'masquerade', flows: USUAL_ENTRIES });
      return [...(await measurePasses(plane, links, totals)), await measureExpiry(plane, links, totals)];
    } finally {
      totals.close();
      for (const link of links.values()) link.close();
      plane.close();
    }
  },
};

/** Passes that find nothing to do. */
async function measurePasses(
  plane: BpfObject,
  links: Iterators,
  totals: BpfMap,
): Promise<readonly Measurement[]> {
  const removed = new Totals(totals).read(TOTAL_CONNECTIONS_REMOVED);
  const passes: number[] = [];
  const shares: number[] = [];
  const replies: number[] = [];
  for (let pass = 0; pass < PASSES; pass++) {
    const sweep = async () => void passes.push(await timeOf(links, CONNECTIONS));
    const sweeper = new Sweeper({
      sweepConnections: sweep,
      sweepReplies: async () => {},
      entries: () => USUAL_ENTRIES,
      now: () => performance.now(),
      warn: () => {},
    });
    const before = process.cpuUsage();
    const start = performance.now();
    const pause = await sweeper.step();
    const { user, system } = process.cpuUsage(before);
    const period = performance.now() - start + pause;
    await sweeper.close();
    shares.push((100 * (user + system)) / 1000 / period);
    replies.push(await timeOf(links, REPLIES));
  }
  assert.equal(
    new Totals(totals).read(TOTAL_CONNECTIONS_REMOVED),
    removed,
    'connections that had not expired went',
  );
  assert.equal(isFull(plane), true, 'the table lost entries');
  const share = { to: `the limit of ${LIMIT_PERCENT} %`, value: median(shares) / LIMIT_PERCENT, limit: 1 };
  return [
    measurementOf('a pass over all connections', 'ms', passes),
    measurementOf('of one processor, at the period that the sweep keeps', '%', shares, { ratio: share }),
    measurementOf('a pass over all replies, once a minute', 'ms', replies),
  ];
}

/** Passes that remove all. */
async function measureExpiry(plane: BpfObject, links: Iterators, totals: BpfMap): Promise<Measurement> {
  const times: number[] = [];
  for (let pass = 0; pass < EXPIRING_PASSES; pass++) {
    putConnections(plane, 'inet', 'masquerade', USUAL_ENTRIES, LONG_AGO);
    const before = new Totals(totals).read(TOTAL_CONNECTIONS_REMOVED);
    times.push(await timeOf(links, CONNECTIONS));
    const removed = () => Number(new Totals(totals).read(TOTAL_CONNECTIONS_REMOVED) - before);
    assert.ok(removed() > 0.999 * USUAL_ENTRIES, `${removed()} connections went`);
    // Where a chunk ends, the kernel goes on a few entries further than it was, if it lost some: the next pass finds those.
    await timeOf(links, CONNECTIONS);
    assert.equal(removed(), USUAL_ENTRIES);
    for (const name of ['connections4', 'replies4']) assert.equal(isEmpty(plane, name), true, name);
  }
  return measurementOf('a pass in which all connections expire', 'ms', times);
}

async function timeOf(links: Iterators, programs: readonly string[]): Promise<number> {
  const start = performance.now();
  for (const program of programs) {
    const link = links.get(program);
    if (link !== undefined) await sweepPass(link, () => true);
  }
  return performance.now() - start;
}

function isFull(plane: BpfObject): boolean {
  try {
    putConnections(plane, 'inet', 'direct', USUAL_ENTRIES + 1);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'E2BIG';
  }
}

function isEmpty(plane: BpfObject, name: string): boolean {
  const map = plane.map(name).open();
  try {
    return map.nextKey(undefined) === undefined;
  } finally {
    map.close();
  }
}

if (import.meta.main) {
  const { formatMeasurements } = await import('../format-measurements.ts');
  console.log(ebpfSweep.description);
  process.stdout.write(formatMeasurements(await ebpfSweep.run()));
}
