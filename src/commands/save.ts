import { Command } from 'commander';
import { DirectorClient } from '../api/client.ts';
import { directorSocketPath } from '../api/socket-path.ts';
import type { Table } from '../model/table.ts';
import { type CommandContext, EXIT_FAILED } from './command-context.ts';

interface SaveOptions {
  readonly json?: true;
  readonly socket?: string;
}

/** `vipr save`: the table that is wanted, and how it is watched, as a vipr.yaml. */
export function saveCommand(context: CommandContext): Command {
  return new Command('save')
    .description('Write the table of the running director as a vipr.yaml, from which the same table comes.')
    .argument('[file]', 'where to; it is replaced whole, and keeps its mode (default: standard output)')
    .option('--json', 'as JSON: the table of the control API, as for POST /v1/apply')
    .option('--socket <path>', 'the control socket (default: VIPR_SOCKET, or a path for this user)')
    .addHelpText(
      'after',
      '\nServices and timeouts are written as they are wanted, also what a failed check or a drain took out for now;' +
        '\nchecks and settings as the configuration says them.' +
        '\nExit codes: 0 written; 1 failed, the file is as it was; 2 wrong usage.',
    )
    .action(async (file: string | undefined, { json, socket }: SaveOptions) => {
      context.usageExit = EXIT_FAILED;
      const [{ savedConfiguration }, { replaceFile }] = await Promise.all([
        import('./saved-configuration.ts'),
        import('./replace-file.ts'),
      ]);
      const client = new DirectorClient(socket ?? directorSocketPath(context.env));
      try {
        const text = json ? tableJson(await client.wanted()) : await savedYaml(client, savedConfiguration);
        if (file === undefined) context.stdout(text);
        else await replaceFile(file, text);
      } finally {
        await client.close();
      }
    });
}

function tableJson(table: Table): string {
  return `${JSON.stringify(table, null, 2)}\n`;
}

async function savedYaml(
  client: DirectorClient,
  write: typeof import('./saved-configuration.ts').savedConfiguration,
): Promise<string> {
  const { daemons } = await client.snapshot();
  const [configuration, wanted] = [await client.configuration(), await client.wanted()];
  return write(configuration, wanted, (await client.info()).name, daemons);
}
