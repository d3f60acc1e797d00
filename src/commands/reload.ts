import { Command } from 'commander';
import { DirectorClient } from '../api/client.ts';
import { directorSocketPath } from '../api/socket-path.ts';
import { type CommandContext, EXIT_FAILED, showsColour } from './command-context.ts';
import { changesJson, formatChanges } from './format-changes.ts';

interface ReloadOptions {
  readonly json?: true;
  readonly socket?: string;
}

/** `vipr reload`: the director reads its configuration again. */
export function reloadCommand(context: CommandContext): Command {
  return new Command('reload')
    .description(
      'Have the running director read its configuration again and apply it: all of it, or nothing.',
    )
    .option('--json', 'as one JSON object')
    .option('--socket <path>', 'the control socket (default: VIPR_SOCKET, or a path for this user)')
    .addHelpText(
      'after',
      '\nIt waits until the configuration is applied, and tells what that changed. SIGHUP does the same, in the log.' +
        '\nExit codes: 0 applied, or nothing was to change; 1 failed: nothing is changed; 2 wrong usage.',
    )
    .action(async ({ json, socket }: ReloadOptions) => {
      context.usageExit = EXIT_FAILED;
      const client = new DirectorClient(socket ?? directorSocketPath(context.env));
      try {
        const { changes, notes } = await client.reload();
        for (const note of notes) context.stderr(`${note}\n`);
        context.stdout(
          json ? changesJson(changes, { notes }) : formatChanges(changes, 'done', showsColour(context)),
        );
      } finally {
        await client.close();
      }
    });
}
