import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** What this process has open: sockets, pipes and files by kind, and child processes. */
export function openThings(): ReadonlyMap<string, number> {
  const things = new Map<string, number>();
  const count = (thing: string) => things.set(thing, (things.get(thing) ?? 0) + 1);
  for (const fd of readdirSync('/proc/self/fd')) {
    const kind = kindOf(`/proc/self/fd/${fd}`);
    if (kind !== undefined) count(kind);
  }
  for (const resource of process.getActiveResourcesInfo()) if (RESOURCES.test(resource)) count(resource);
  return things;
}

/** Waits until nothing more is open than before, and fails where that does not happen. */
export async function untilClosed(before: ReadonlyMap<string, number>): Promise<void> {
  let left: readonly string[] = [];
  for (let attempt = 0; attempt < 500; attempt++) {
    left = [...openThings()].filter(([thing, count]) => count > (before.get(thing) ?? 0)).map(String);
    if (left.length === 0) return;
    await sleep(10);
  }
  assert.fail(`still open: ${left.join('; ')}`);
}

/** What a check can leave behind; others belong to the test's own machinery. */
const RESOURCES = /^(?:TCP|TLS|UDP|Process|FSReq)/;

/** `socket`, `pipe`, `anon_inode`, or the file's path; undefined where it was closed meanwhile. */
function kindOf(link: string): string | undefined {
  try {
    return readlinkSync(link).replace(/:\[?.*/, '');
  } catch {
    return undefined;
  }
}
