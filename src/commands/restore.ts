import { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { SOCKET_OPTION, withDirector } from './with-director.ts';

interface RestoreOptions {
  readonly service?: string;
  readonly json?: true;
  readonly socket?: string;
}

/** `vipr restore`: a drain is undone. */
export function restoreCommand(context: CommandContext): Command {
  return new Command('restore')
    .description('Undo drains: the destination takes connections again; where it was removed, it comes back.')
    .argument('<destination>', 'its address, of every port or with one: 10.0.0.11, "[2001:db8::11]:80"')
    .option('--service <service>', 'only of this service, such as "tcp 192.0.2.10:80" (default: of all)')
    .option('--json', 'as one JSON object')
    .option(...SOCKET_OPTION)
    .addHelpText('after', '\nExit codes: 0 restored; 1 failed, or it was not drained; 2 wrong usage.')
    .action(async (destination: string, { service, json, socket }: RestoreOptions) => {
      const [{ drainsJson }, { drainName }, { readSelection }] = await Promise.all([
        import('./run-drain.ts'),
        import('./format-drains.ts'),
        import('./drain.ts'),
      ]);
      const selection = await readSelection(destination, service);
      const restored = await withDirector(context, socket, (client) => client.restore(selection));
      if (json) context.stdout(drainsJson(restored));
      else context.stdout(restored.map((drain) => `${drainName(drain)}: restored\n`).join(''));
    });
}
