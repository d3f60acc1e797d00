import type { Change } from './change/change.ts';
import { describeLeft, undoChange } from './change/change-handlers.ts';
import type { Undone } from './change/change-kind.ts';
import type { Host } from './host.ts';
import type { StateFile } from './state-file.ts';

/** What became of one change. */
export interface UndoneChange {
  readonly change: Change;
  readonly result: Undone;
  /** Why it was left; of `left` only. */
  readonly why?: string;
}

/**
 * Takes back what {@link setUp} did, the last change first, and nothing else. Each is forgotten when it is done, so that a run that
 * failed is completed by the next. Undefined where nothing was set up. Throws a ViprError or a NetlinkError.
 */
export async function undo(
  host: Host,
  file: StateFile,
  dryRun = false,
): Promise<readonly UndoneChange[] | undefined> {
  const state = file.read();
  if (state === undefined) {
    if (!dryRun) file.remove();
    return undefined;
  }
  const undone: UndoneChange[] = [];
  for (const change of state.changes.toReversed()) {
    const result = dryRun ? 'undone' : await undoChange(change, host);
    undone.push({ change, result, ...(result === 'left' ? { why: describeLeft(change, host) } : {}) });
    const changes = state.changes.slice(0, state.changes.length - undone.length);
    if (!dryRun) file.write({ ...state, changes });
  }
  if (!dryRun) file.remove();
  return undone;
}
