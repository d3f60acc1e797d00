import { Command } from 'commander';
import { DirectorClient } from '../api/client.ts';
import { directorSocketPath } from '../api/socket-path.ts';
import type { CommandContext } from './command-context.ts';
import { formatStatus, statusJson } from './format-status.ts';

interface StatusOptions {
  readonly json?: true;
  readonly socket?: string;
}

/** `vipr status`: what the running director does. */
export function statusCommand(context: CommandContext): Command {
  return new Command('status')
    .description(
      'Show the running director: its engine, services, destinations, connections, health, VRRP and faults.',
    )
    .option('--json', 'as one JSON object; 64-bit counters are strings')
    .option('--socket <path>', 'the control socket (default: VIPR_SOCKET, or a path for this user)')
    .addHelpText(
      'after',
      '\nExit codes: 0 the director runs; 1 it does not, or did not answer; 2 wrong usage.',
    )
    .action(async ({ json, socket }: StatusOptions) => {
      const client = new DirectorClient(socket ?? directorSocketPath(context.env));
      try {
        const status = await client.status();
        context.stdout(json ? statusJson(status) : formatStatus(status, Date.now()));
      } finally {
        await client.close();
      }
    });
}
