/** What a subcommand talks to, and how it says that it failed. */
export interface CommandContext {
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Set by the subcommand that ran. */
  exitCode: number;
  /** The exit code for configurations with errors; a subcommand sets it to another one than EXIT_USAGE. */
  usageExit: number;
}

/** The exit codes of every `vipr` subcommand but `ipvsadm`, which has the original's. */
export const EXIT_DONE = 0;
export const EXIT_FAILED = 1;
/** Wrong usage, or a configuration with errors. */
export const EXIT_USAGE = 2;
