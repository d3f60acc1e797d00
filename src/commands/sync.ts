import { Command } from 'commander';
import { type CommandContext, EXIT_FAILED, showsColour } from './command-context.ts';
import { SOCKET_OPTION, withDirector } from './with-director.ts';

interface SyncOptions {
  readonly json?: true;
  readonly socket?: string;
}

/** `vipr sync`: how the synchronisation of connections is. */
export function syncCommand(context: CommandContext): Command {
  return new Command('sync')
    .description(
      'Show the synchronisation of connections: daemons, which of them should run and do not, what they sent and received, and what is missing.',
    )
    .option('--json', 'as one JSON object')
    .option(...SOCKET_OPTION)
    .addHelpText(
      'after',
      '\nOf daemons of the kernel (engine ipvs) only the settings are known.' +
        '\nExit codes: 0 nothing is wrong, or there are no daemons; 1 a daemon of the configuration' +
        '\ndoes not run, a backup is not synchronised, a daemon has a fault, or failed; 2 wrong usage.',
    )
    .action(async ({ json, socket }: SyncOptions) => {
      const { formatSync, isSound, syncJson } = await import('./format-sync.ts');
      const found = await withDirector(context, socket, (client) => client.synchronisation());
      context.stdout(json ? syncJson(found) : formatSync(found, Date.now(), showsColour(context)));
      if (!isSound(found)) context.exitCode = EXIT_FAILED;
    });
}
