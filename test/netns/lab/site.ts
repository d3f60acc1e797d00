import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * What a lab has on the machine, all named alike: namespaces `SITE-HOST`, and the directory `SITE` for its files, with a BPF
 * file system in `bpf`. The name says which process made it, so that labs do not collide, and others can tell whether it lives.
 */
export type Site = string;

/** Whose lab it is: tests', or that of `npm run demo`. */
export type LabOwner = 'lab' | 'demo';

const NAME = /^vipr-(?:lab|demo)-(\d+)-(\d+)-\d+(?=-|$)/;

let count = 0;

export function newSite(owner: LabOwner = 'lab'): Site {
  count += 1;
  return `vipr-${owner}-${process.pid}-${startOf(process.pid)}-${count}`;
}

/** The site that a namespace or directory belongs to, if it is one of a lab. */
export function siteOf(name: string): Site | undefined {
  return NAME.exec(name)?.[0];
}

/** Whether the process that made the site is still there. */
export function isAlive(site: Site): boolean {
  const [, pid, start] = NAME.exec(site) ?? [];
  return startOf(Number(pid)) === start;
}

export function directoryOf(site: Site): string {
  return join(tmpdir(), site);
}

export function namespaceOf(site: Site, host: string): string {
  return `${site}-${host}`;
}

/** When a process began, in ticks since the boot (proc_pid_stat(5), field 22): with it a process id is unique. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
