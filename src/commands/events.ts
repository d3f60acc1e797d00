import { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { wholeNumber } from './whole-number.ts';
import { SOCKET_OPTION, withDirector } from './with-director.ts';

interface EventsOptions {
  readonly follow?: true;
  readonly after: number;
  readonly json?: true;
  readonly socket?: string;
}

/** `vipr events`: what happened in the director. */
export function eventsCommand(context: CommandContext): Command {
  return new Command('events')
    .description('Show what happened in the running director: health, VRRP, drains, changes, reloads, drift.')
    .option('--follow', 'go on with what happens, until Ctrl-C; a director that restarts is waited for')
    .option('--after <id>', 'only events after this one', wholeNumber(0, Number.MAX_SAFE_INTEGER), 0)
    .option('--json', 'as one JSON object a line')
    .option(...SOCKET_OPTION)
    .addHelpText(
      'after',
      '\nThe director remembers the last 1,000.' +
        '\nExit codes: 0 shown, or ended by Ctrl-C; 1 failed; 2 wrong usage.',
    )
    .action(async ({ socket, ...options }: EventsOptions) => {
      const { showEvents } = await import('./run-events.ts');
      await withDirector(context, socket, (client) => showEvents(client, options, context));
    });
}
