import { Command, CommanderError } from 'commander';
import { ViprError } from '../model/error.ts';
import { type CommandContext, EXIT_DONE, EXIT_FAILED, EXIT_USAGE } from './command-context.ts';
import { subcommands } from './registry.ts';
import { version } from './version.ts';

const EXIT_CODES = `
Exit codes: 0 done; 1 failed; 2 wrong usage, or a configuration with errors.
(vipr plan has 2 for changes, and 1 for all that failed; vipr drain has 3 for a deadline that was over;
vipr ipvsadm has ipvsadm's own.)`;

/** Runs `vipr` with its arguments and returns its exit code; every error is told on stderr. */
export async function runVipr(
  args: readonly string[],
  io: Omit<CommandContext, 'exitCode' | 'usageExit'>,
): Promise<number> {
  const context: CommandContext = { ...io, exitCode: EXIT_DONE, usageExit: EXIT_USAGE };
  try {
    await programOf(context).parseAsync(args, { from: 'user' });
    return context.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_DONE : misuseExit(args);
    return tell(error, context);
  }
}

function misuseExit([subcommand]: readonly string[]): number {
  return subcommand === 'plan' ? EXIT_FAILED : EXIT_USAGE;
}

function programOf(context: CommandContext): Command {
  const program = new Command('vipr')
    .description('Linux Virtual Server as one program: a layer-4 load balancer.')
    .version(version)
    .enablePositionalOptions()
    .addHelpText('after', EXIT_CODES);
  for (const subcommand of subcommands) program.addCommand(subcommand(context));
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .configureOutput({ writeOut: context.stdout, writeErr: context.stderr })
      .showHelpAfterError(`Try \`${command === program ? 'vipr' : `vipr ${command.name()}`} --help'.`);
  }
  return program;
}

function tell(error: unknown, { stderr, usageExit }: CommandContext): number {
  if (!(error instanceof ViprError)) {
    stderr(`vipr: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return EXIT_FAILED;
  }
  stderr(error.code === 'CONFIG_INVALID' ? `${error.message}\n` : `vipr: ${error.message}\n`);
  if (error.hint !== undefined) stderr(`${error.hint}\n`);
  return USAGE_CODES.has(error.code) ? usageExit : EXIT_FAILED;
}

const USAGE_CODES: ReadonlySet<string> = new Set(['USAGE', 'CONFIG_INVALID', 'CONFIG_UNREADABLE']);
