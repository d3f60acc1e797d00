import { Command, Option } from 'commander';
import type { DestinationSelection } from '../api/operated-director.ts';
import { serviceKey } from '../model/service.ts';
import type { CommandContext } from './command-context.ts';
import { durationArgument } from './duration-argument.ts';
import { SOCKET_OPTION, withDirector } from './with-director.ts';

interface DrainOptions {
  readonly service?: string;
  readonly deadline?: number;
  readonly then: 'remove' | 'leave';
  readonly wait: boolean;
  readonly json?: true;
  readonly socket?: string;
}

/** Of `vipr drain`: the deadline was over before a destination had drained. */
export const EXIT_EXPIRED = 3;

/** `vipr drain`: a destination takes no new connections, and those that it has end by themselves. */
export function drainCommand(context: CommandContext): Command {
  return new Command('drain')
    .description(
      'Take a destination out of service without cutting connections; without an address: list drains.',
    )
    .argument('[destination]', 'its address, of every port or with one: 10.0.0.11, "[2001:db8::11]:80"')
    .option('--service <service>', 'only of this service, such as "tcp 192.0.2.10:80" (default: of all)')
    .option(
      '--deadline <duration>',
      'when connections that remain are ended: 90s, 5m, 1h (default: never)',
      durationArgument,
    )
    .addOption(
      new Option('--then <what>', 'what becomes of the destination when it has drained')
        .choices(['remove', 'leave'])
        .default('leave'),
    )
    .option('--no-wait', 'start the drain and return')
    .option('--json', 'as one JSON object, at the end')
    .option(...SOCKET_OPTION)
    .addHelpText(
      'after',
      `
It shows how many connections are left, until there are none. Ctrl-C ends that; the drain goes on in the director,
and \`vipr restore\` ends it.
Exit codes: 0 drained, or started with --no-wait; 1 not: failed, interrupted, or restored meanwhile; 2 wrong usage;
3 the deadline was over first.`,
    )
    .action(async (destination: string | undefined, options: DrainOptions) => {
      const { listDrains, runDrain } = await import('./run-drain.ts');
      const selection =
        destination === undefined ? undefined : await readSelection(destination, options.service);
      context.exitCode = await withDirector(context, options.socket, (client) =>
        selection === undefined
          ? listDrains(client, options, context)
          : runDrain(client, { ...selection, ...drainTerms(options) }, options, context),
      );
    });
}

function drainTerms({ then, deadline }: DrainOptions) {
  return { then, ...(deadline !== undefined && { deadline }) };
}

/** What an address and `--service` select. Throws USAGE. */
export async function readSelection(destination: string, service?: string): Promise<DestinationSelection> {
  const [{ readHost }, { readServiceAlone }] = await Promise.all([
    import('./host-words.ts'),
    import('./service-words.ts'),
  ]);
  return {
    ...readHost(destination, 'address of a destination'),
    ...(service !== undefined && { service: serviceKey(readServiceAlone([service])) }),
  };
}
