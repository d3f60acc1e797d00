import type { DrainRequest, DrainStatus } from '../api/operated-director.ts';
import { type CommandContext, EXIT_DONE, EXIT_FAILED } from './command-context.ts';
import { EXIT_EXPIRED } from './drain.ts';
import { ChangedLines, type DrainDisplay, RewrittenLines } from './drain-display.ts';
import { drainName, formatDrain, formatDrains } from './format-drains.ts';
import { Interruption } from './interruption.ts';
import type { OperatedClient } from './operated-client.ts';
import { type DrainOutcome, watchDrains } from './watch-drains.ts';

type Output = Pick<CommandContext, 'stdout' | 'stderr' | 'isTerminal'>;

/** Lists the drains that run or ended. Returns the exit code. */
export async function listDrains(
  client: Pick<OperatedClient, 'drains'>,
  { json }: { readonly json?: true },
  { stdout }: Pick<Output, 'stdout'>,
): Promise<number> {
  const drains = await client.drains();
  stdout(json ? drainsJson(drains) : formatDrains(drains, Date.now()));
  return EXIT_DONE;
}

/** Starts a drain, and watches it unless told not to. Returns the exit code. */
export async function runDrain(
  client: Pick<OperatedClient, 'drain' | 'drains'>,
  request: DrainRequest,
  { json, wait }: { readonly json?: true; readonly wait: boolean },
  output: Output,
  watch: typeof watchDrains = watchDrains,
): Promise<number> {
  const started = await client.drain(request);
  if (!wait) {
    output.stdout(json ? drainsJson(started) : started.map((drain) => `${formatDrain(drain)}\n`).join(''));
    return EXIT_DONE;
  }
  using interruption = new Interruption();
  const outcome = await watch(started, client, displayOf(output, json), interruption.signal);
  if (json) output.stdout(drainsJson(outcome.drains));
  tell(outcome, output);
  return exitOf(outcome);
}

export function drainsJson(drains: readonly DrainStatus[]): string {
  return `${JSON.stringify({ drains }, null, 2)}\n`;
}

function displayOf({ stdout, isTerminal }: Output, json?: true): DrainDisplay {
  if (json) return { show: () => undefined };
  if (isTerminal !== true) return new ChangedLines(stdout);
  return new RewrittenLines(stdout, () => process.stdout.columns ?? 80, Date.now);
}

function tell({ interrupted, restored }: DrainOutcome, { stderr }: Output): void {
  if (interrupted) {
    stderr('The drain goes on in the director. `vipr drain` lists it, `vipr restore` ends it.\n');
  }
  for (const drain of restored) stderr(`${drainName(drain)}: somebody restored it\n`);
}

function exitOf({ drains, interrupted, restored }: DrainOutcome): number {
  if (interrupted || restored.length > 0) return EXIT_FAILED;
  return drains.some(({ state }) => state === 'expired') ? EXIT_EXPIRED : EXIT_DONE;
}
