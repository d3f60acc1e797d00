/**
 * A command line that cannot be carried out: what to print on standard error, and the exit code. In the input of `-R`
 * most mistakes end the whole restore; those that popt finds end only their line.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly exitCode: 1 | 2 | 255;
  readonly endsRestore: boolean;

  constructor(message: string, exitCode: 1 | 2 | 255 = 2, endsRestore = true) {
    super(message);
    this.exitCode = exitCode;
    this.endsRestore = endsRestore;
  }
}

/** Where no command is recognised. */
export const tryHelp = (): Refusal =>
  new Refusal("Try `ipvsadm -h' or 'ipvsadm --help' for more information.", 255);
