import { Command, Option } from 'commander';
import { ENGINE_CHOICES, type EngineChoice } from '../config/config.ts';
import { type CommandContext, EXIT_USAGE } from './command-context.ts';

interface CheckOptions {
  readonly engine?: EngineChoice;
  readonly json?: true;
}

/** `vipr check`: whether a configuration would run. */
export function checkCommand(context: CommandContext): Command {
  return new Command('check')
    .description(
      'Check a vipr.yaml or keepalived.conf: tells every error with its line and column; changes nothing.',
    )
    .argument('<file>', 'the configuration')
    .addOption(
      new Option('--engine <engine>', "the engine to check for, instead of the file's").choices(
        ENGINE_CHOICES,
      ),
    )
    .option('--json', 'as one JSON object, also where the file has errors')
    .addHelpText(
      'after',
      `
What the file says and vipr does not do is told on stderr, with its line, and is no error.
Exit codes: 0 the configuration would run; 2 it has errors, or cannot be read.`,
    )
    .action(async (file: string, { engine, json }: CheckOptions) => {
      const { checkConfig, checkedJson } = await import('./check-config.ts');
      if (!json) return context.stdout(await checkConfig(file, context, engine));
      const { text, good } = await checkedJson(file, engine);
      context.stdout(text);
      if (!good) context.exitCode = EXIT_USAGE;
    });
}
