import type { Config } from '../config/config.ts';
import { formatProblem } from '../config/config-problem.ts';
import type { CommandContext } from './command-context.ts';

/** Tells on stderr what a configuration says and vipr does not do: `keepalived.conf:3:5: warning: …`, a line each. */
export function tellWarnings(
  { warnings }: Pick<Config, 'warnings'>,
  { stderr }: Pick<CommandContext, 'stderr'>,
): void {
  for (const problem of warnings) {
    stderr(`${formatProblem({ ...problem, message: `warning: ${problem.message}` })}\n`);
  }
}
