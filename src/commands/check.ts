import { Command, Option } from 'commander';
import { ENGINE_CHOICES, type EngineChoice } from '../config/config.ts';
import type { CommandContext } from './command-context.ts';

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
    .addHelpText(
      'after',
      `
What the file says and vipr does not do is told on stderr, with its line, and is no error.
Exit codes: 0 the configuration would run; 2 it has errors, or cannot be read.`,
    )
    .action(async (file: string, options: { readonly engine?: EngineChoice }) => {
      const { checkConfig } = await import('./check-config.ts');
      context.stdout(await checkConfig(file, context, options.engine));
    });
}
