/** What a subcommand talks to, and how it says that it failed. */
export interface CommandContext {
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Whether standard output is a terminal. */
  readonly isTerminal?: boolean;
  /** Set by the subcommand that ran. */
  exitCode: number;
  /** The exit code for configurations with errors; a subcommand sets it to another one than EXIT_USAGE. */
  usageExit: number;
}

/** The exit codes of every `vipr` subcommand but `ipvsadm`, which has the original's. */
export const EXIT_DONE = 0;
export const EXIT_FAILED = 1;
/** Of `vipr plan`, which has EXIT_FAILED for wrong usage: a script has to tell changes from mistakes. */
export const EXIT_CHANGES = 2;
/** Wrong usage, or a configuration with errors. */
export const EXIT_USAGE = 2;

/** Whether text on standard output may have colours (https://no-color.org). */
export function showsColour({ isTerminal, env }: Pick<CommandContext, 'isTerminal' | 'env'>): boolean {
  return isTerminal === true && !env.NO_COLOR;
}
