import { Command } from 'commander';
import { DirectorClient } from '../api/client.ts';
import { directorSocketPath } from '../api/socket-path.ts';
import { type CommandContext, EXIT_CHANGES, EXIT_FAILED, showsColour } from './command-context.ts';
import { changesJson, formatChanges } from './format-changes.ts';

export interface PlanOptions {
  readonly prune?: true;
  readonly json?: true;
  readonly socket?: string;
}

/** `vipr plan`: what applying a file would change. */
export function planCommand(context: CommandContext): Command {
  return new Command('plan')
    .description('Show what `vipr apply` would change in the table of the running director; changes nothing.')
    .argument('<file>', 'the configuration')
    .option('--prune', 'as of apply: services that the file does not name go, whoever added them')
    .option('--json', 'as one JSON object')
    .option('--socket <path>', 'the control socket (default: VIPR_SOCKET, or a path for this user)')
    .addHelpText('after', '\nExit codes: 0 nothing to change; 2 changes; 1 failed, also for wrong usage.')
    .action(async (file: string, { prune, json, socket }: PlanOptions) => {
      context.usageExit = EXIT_FAILED;
      const { wantedTable } = await import('./wanted-table.ts');
      const client = new DirectorClient(socket ?? directorSocketPath(context.env));
      try {
        const changes = await client.plan({
          ...(await wantedTable(file, client, context)),
          prune: prune ?? false,
        });
        context.stdout(json ? changesJson(changes) : formatChanges(changes, 'plan', showsColour(context)));
        if (changes.length > 0) context.exitCode = EXIT_CHANGES;
      } finally {
        await client.close();
      }
    });
}
