import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { directoryOf, isAlive, type Site, siteOf } from './site.ts';

/** Where ip-netns(8) keeps its names. */
export const NAMESPACE_DIRECTORY = '/run/netns';
/** Of a program that removes something: what is not removed by then the next lab tries again. */
const LIMIT_MS = 30_000;

/**
 * Removes all that a site has: processes in its namespaces, the namespaces, mounts, files. Synchronous, so that it can run while
 * the process exits. Does nothing where there is nothing.
 */
export function demolish(site: Site): void {
  const namespaces = namespacesOf(site);
  for (const pid of processesIn(namespaces)) kill(pid);
  if (namespaces.length > 0) {
    const input = namespaces.map((name) => `netns del ${name}\n`).join('');
    spawnSync('ip', ['-force', '-batch', '-'], { input, timeout: LIMIT_MS });
  }
  for (const mount of mountsOf(site).toReversed())
    spawnSync('umount', ['--lazy', mount], { timeout: LIMIT_MS });
  // Never deletes through a mount that could not be taken away.
  if (mountsOf(site).length === 0) rmSync(directoryOf(site), { recursive: true, force: true });
}

/** {@link demolish} of what processes left behind that were killed. */
export function demolishLeftovers(): void {
  const names = [...entries(NAMESPACE_DIRECTORY), ...entries(tmpdir())];
  const sites = new Set(names.flatMap((name) => siteOf(name) ?? []));
  for (const site of sites) if (!isAlive(site)) demolish(site);
}

/** Of the namespaces in {@link NAMESPACE_DIRECTORY} those of the site. */
export function namespacesOf(site: Site): readonly string[] {
  return entries(NAMESPACE_DIRECTORY).filter((name) => siteOf(name) === site);
}

export function mountsOf(site: Site): readonly string[] {
  const directory = directoryOf(site);
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((mount) => mount.startsWith(`${directory}/`));
}

/** The ids of processes, other than this, that are in one of the namespaces. */
export function processesIn(namespaces: readonly string[]): readonly number[] {
  const inodes = new Set(namespaces.map((name) => inodeOf(join(NAMESPACE_DIRECTORY, name))));
  return entries('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid)
    .filter((pid) => {
      const inode = inodeOf(`/proc/${pid}/ns/net`);
      return inode !== undefined && inodes.has(inode);
    });
}

function inodeOf(path: string): number | undefined {
  try {
    return statSync(path).ino;
  } catch {
    return undefined;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function entries(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
