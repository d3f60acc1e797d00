/** A call of `ipvsadm`, or of a program beside it. */
export interface GuestCommand {
  readonly program?: 'ipvsadm' | 'ipvsadm-save' | 'ipvsadm-restore';
  /** The words after the program's name. */
  readonly args: readonly string[];
  /** What it reads from standard input; nothing where absent. */
  readonly input?: string;
}

export interface CommandOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Something that carries commands out in a network namespace of the guest, one after another. */
export type CommandRunner = (commands: readonly GuestCommand[]) => Promise<CommandOutcome[]>;

/** The command as a shell takes it. */
export function shellWords({ program = 'ipvsadm', args, input }: GuestCommand): string {
  const line = [program, ...args.map(quoted)].join(' ');
  return input === undefined ? line : `printf '%s' ${quoted(input)} | ${line}`;
}

function quoted(word: string): string {
  return /^[\w.,:/=[\]-]+$/.test(word) && !word.includes('[') ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
