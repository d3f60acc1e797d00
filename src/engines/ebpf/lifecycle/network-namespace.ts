import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Where ip-netns(8) keeps namespaces that have no process. */
const NAMED = '/run/netns';

/** The number of this thread's network namespace: the inode of its file (namespaces(7)). */
export function networkNamespace(): number {
  return statSync('/proc/thread-self/ns/net').ino;
}

/** Whether some process is in the namespace, or ip-netns(8) knows it. Sees what this process's /proc shows. */
export function namespaceExists(inode: number): boolean {
  return namesOf(NAMED).some((name) => inodeOf(join(NAMED, name)) === inode) || hasProcess(inode);
}

function hasProcess(inode: number): boolean {
  return namesOf('/proc').some((name) => /^\d+$/.test(name) && linkOf(name) === `net:[${inode}]`);
}

function linkOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

function namesOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
