import { Command } from 'commander';
import { DirectorClient } from '../api/client.ts';
import { directorSocketPath } from '../api/socket-path.ts';
import { type CommandContext, showsColour } from './command-context.ts';
import { changesJson, formatChanges } from './format-changes.ts';
import type { PlanOptions } from './plan.ts';

/** `vipr apply`: a file becomes the table, wholly or not at all. */
export function applyCommand(context: CommandContext): Command {
  return new Command('apply')
    .description('Make the table of the running director what a configuration says: all of it, or nothing.')
    .argument('<file>', 'the configuration')
    .option('--prune', 'delete all services that the file does not name, whoever added them')
    .option('--json', 'as one JSON object')
    .option('--socket <path>', 'the control socket (default: VIPR_SOCKET, or a path for this user)')
    .addHelpText(
      'after',
      `
Where a step is refused, those before it are put back. Services that the file does not name are deleted
where the director owns them: where the configuration that was applied before named them.
Exit codes: 0 applied, or nothing was to change; 1 failed; 2 wrong usage, or a file with errors.
With 1 and 2 nothing is changed.`,
    )
    .action(async (file: string, { prune, json, socket }: PlanOptions) => {
      const { wantedTable } = await import('./wanted-table.ts');
      const client = new DirectorClient(socket ?? directorSocketPath(context.env));
      try {
        const changes = await client.apply({
          ...(await wantedTable(file, client, context)),
          prune: prune ?? false,
        });
        context.stdout(json ? changesJson(changes) : formatChanges(changes, 'done', showsColour(context)));
      } finally {
        await client.close();
      }
    });
}
