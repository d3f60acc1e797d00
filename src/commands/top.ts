import { Command, Option } from 'commander';
import { type CommandContext, showsColour } from './command-context.ts';
import { durationArgument } from './duration-argument.ts';
import { SORT_ORDERS, type SortOrder } from './top/arrange.ts';
import { wholeNumber } from './whole-number.ts';
import { SOCKET_OPTION, withDirector } from './with-director.ts';

interface TopOptions {
  readonly sort: SortOrder;
  readonly filter: string;
  /** Seconds. */
  readonly interval?: number;
  readonly once?: true;
  readonly batch?: number;
  readonly json?: true;
  readonly socket?: string;
}

/** `vipr top`: what passes through services and servers at the moment. */
export function topCommand(context: CommandContext): Command {
  return new Command('top')
    .description('Watch services and servers: connections, packets and bytes a second, and their states.')
    .addOption(new Option('--sort <order>', 'what comes first').choices(SORT_ORDERS).default('connections'))
    .option('--filter <text>', 'only services and destinations whose names contain it', '')
    .option(
      '--interval <duration>',
      'from one look to the next: 1s, 5s, 1m (default: 2s)',
      durationArgument,
      2,
    )
    .addOption(new Option('--once', 'print one table and end').conflicts('batch'))
    .option('--batch <count>', 'print that many tables and end', wholeNumber(1, 1_000_000))
    .option('--json', 'print one JSON object a line, for each look')
    .option(...SOCKET_OPTION)
    .addHelpText(
      'after',
      `
On a terminal it has the whole screen. Keys: c p b a n sort by connections, packets, bytes, active connections and
name; / filters; space pauses; arrows, PgUp, PgDn, Home and End scroll; Ctrl-L draws anew; q ends. > is towards
servers, < from them. Elsewhere it prints tables until Ctrl-C.
Exit codes: 0 ended; 1 failed; 2 wrong usage.`,
    )
    .action((options: TopOptions) => run(options, context));
}

async function run(options: TopOptions, context: CommandContext): Promise<void> {
  const { sort: order, filter, interval: seconds = 2, once, batch, json, socket } = options;
  const view = { order, filter };
  const [{ Interruption, pause }, { lookAt }] = await Promise.all([
    import('./interruption.ts'),
    import('./top/look-at.ts'),
  ]);
  const interval = seconds * 1000;
  const count = once ? 1 : batch;
  using interruption = new Interruption();
  await withDirector(context, socket, async (client) => {
    const modules = { look: () => lookAt(client), signal: interruption.signal, pause };
    if (context.isTerminal && count === undefined && !json) {
      const [{ watchTable }, { ProcessTerminal }] = await Promise.all([
        import('./top/watch-table.ts'),
        import('./top/terminal.ts'),
      ]);
      const settings = { ...view, interval, colour: showsColour(context) };
      return watchTable(settings, { ...modules, terminal: new ProcessTerminal() });
    }
    const { printTable } = await import('./top/print-table.ts');
    const settings = { ...view, interval, json: json ?? false, ...(count !== undefined && { count }) };
    return printTable(settings, { ...modules, write: context.stdout });
  });
}
