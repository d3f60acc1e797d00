import { type Change, keyOf } from './change/change.ts';
import { applyChange } from './change/change-handlers.ts';
import type { Host } from './host.ts';
import { mergeSettings, type RealServerSettings } from './real-server-settings.ts';
import type { Requirement } from './requirement/requirement.ts';
import { findRequirements } from './requirement/requirements.ts';
import { type RealServerState, recordChange, type StateFile } from './state-file.ts';

/** What {@link setUp} did. */
export interface SetUp {
  /** In their order; of a dry run those that it would begin with. None: it was all so already. */
  readonly changes: readonly Change[];
  /** How things are now. */
  readonly requirements: readonly Requirement[];
}

/** One change can bring others about, such as a new device that drops what comes out of it: this often they are looked for. */
const ROUNDS = 4;

/**
 * Makes the host a real server for these addresses too, beside those of an earlier setup. Every change is recorded before it is made;
 * after a crash the next run, or {@link undo}, completes the work. What is wrong and not vipr's to change is left, and told.
 * Throws a ViprError or a NetlinkError; what was done before is recorded then.
 */
export async function setUp(
  added: RealServerSettings,
  host: Host,
  file: StateFile,
  dryRun = false,
): Promise<SetUp> {
  const before = file.read();
  const settings = mergeSettings(before?.settings, added);
  let state: RealServerState = { settings, changes: before?.changes ?? [] };
  const made = new Map<string, Change>();
  for (let round = 1; ; round++) {
    const requirements = await findRequirements(settings, host);
    const changes = requirements.flatMap((requirement) => requirement.changes ?? []);
    const pending = changes.filter((change) => !made.has(keyOf(change)));
    if (dryRun) return { changes: pending, requirements };
    if (round === 1 && JSON.stringify(before) !== JSON.stringify(state)) file.write(state);
    if (pending.length === 0 || round > ROUNDS) return { changes: [...made.values()], requirements };
    for (const change of pending) {
      state = recordChange(state, change);
      file.write(state);
      await applyChange(change, host);
      made.set(keyOf(change), change);
    }
  }
}
