import { Command } from 'commander';
import type { CommandContext } from './command-context.ts';

interface ConvertOptions {
  readonly output?: string;
}

/** `vipr convert`: a keepalived.conf as a vipr.yaml. */
export function convertCommand(context: CommandContext): Command {
  return new Command('convert')
    .description('Write the vipr.yaml that says what a keepalived.conf says.')
    .argument('<file>', 'the keepalived.conf; with its included files it becomes one vipr.yaml')
    .option(
      '-o, --output <file>',
      'where to; it is replaced whole, and keeps its mode (default: standard output)',
    )
    .addHelpText(
      'after',
      `
What the file says and vipr does not do is told on stderr, and at the top of the vipr.yaml.
Exit codes: 0 written; 1 it cannot be written; 2 wrong usage, or a file with errors: nothing was written.`,
    )
    .action(async (file: string, { output }: ConvertOptions) => {
      const { convertedConfig } = await import('./converted-config.ts');
      const text = await convertedConfig(file, context);
      if (output === undefined) context.stdout(text);
      else {
        const { replaceFile } = await import('./replace-file.ts');
        await replaceFile(output, text);
      }
    });
}
