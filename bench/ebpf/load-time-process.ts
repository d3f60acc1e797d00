import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { BpfLink } from '../../src/system/bpf/bpf-link.ts';
import { BpfObject } from '../../src/system/bpf/bpf-object.ts';
import { readProgramInfo } from '../../src/system/bpf/program-info.ts';
import { DATA_PLANE_FILE } from './data-plane-object.ts';

/**
 * Loads the data plane and attaches it to a pair of devices, in a network namespace of its own; prints a LoadTimes as JSON. Run by
 * `unshare --net`.
 */
export interface LoadTimes {
  /** Milliseconds. */
  readonly maps: number;
  readonly programs: number;
  readonly attach: number;
  /** Of the processor, for both. */
  readonly processor: number;
  readonly infos: readonly { readonly name: string; readonly verified: number; readonly bytes: number }[];
}

const FEW_ENTRIES = 1024;
const BIG_MAPS = ['connections4', 'connections6', 'replies4', 'replies6'];

if (import.meta.main) {
  const add = spawnSync('ip', ['link', 'add', 'one', 'type', 'veth', 'peer', 'name', 'other'], {
    encoding: 'utf8',
  });
  if (add.status !== 0) throw new Error(add.stderr);
  for (const name of ['one', 'other']) spawnSync('ip', ['link', 'set', name, 'up']);
  const devices = ['one', 'other'].map((name) => indexOf(name));
  const maps = timeOf(() => load(['vipr_clock'], false).close());
  const empty = timeOf(() => load(['vipr_clock'], true).close());
  const before = process.cpuUsage();
  let object: BpfObject | undefined;
  const whole = timeOf(() => {
    object = load(undefined, true);
  });
  if (object === undefined) throw new Error('nothing was loaded');
  const loaded = object;
  const links: BpfLink[] = [];
  const attach = timeOf(() => {
    for (const device of devices) {
      links.push(BpfLink.createXdp(loaded.program('vipr_xdp'), device));
      links.push(BpfLink.createTcx(loaded.program('vipr_ingress'), device, 'ingress'));
      links.push(BpfLink.createTcx(loaded.program('vipr_egress'), device, 'egress'));
    }
  });
  const { user, system } = process.cpuUsage(before);
  const infos = [...loaded.programs.values()].map(({ name, fd }) => {
    const info = readProgramInfo(fd);
    return { name, verified: info.verifiedInstructions, bytes: info.jitedLength };
  });
  for (const link of links) link.close();
  loaded.close();
  const times: LoadTimes = {
    maps,
    programs: whole - empty,
    attach,
    processor: (user + system) / 1000 - empty,
    infos,
  };
  console.log(JSON.stringify(times));
}

/** The programs, all unless some are named; with the connection tables small or as users get them. */
function load(programs: readonly string[] | undefined, small: boolean): BpfObject {
  const object = BpfObject.open(DATA_PLANE_FILE, 'vipr');
  for (const [name, program] of object.programs) program.setAutoload(programs?.includes(name) ?? true);
  if (small) for (const name of BIG_MAPS) object.map(name).setMaxEntries(FEW_ENTRIES);
  object.load();
  return object;
}

function timeOf(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** From the kernel's list of this process's namespace; /sys may be that of another one. */
function indexOf(name: string): number {
  const line = readFileSync('/proc/self/net/dev_mcast', 'utf8')
    .split('\n')
    .find((each) => each.split(/\s+/)[1] === name);
  return Number(line?.split(/\s+/)[0]);
}
