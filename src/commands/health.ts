import { Command } from 'commander';
import { type CommandContext, EXIT_FAILED, showsColour } from './command-context.ts';
import { SOCKET_OPTION, withDirector } from './with-director.ts';

interface HealthOptions {
  readonly json?: true;
  readonly socket?: string;
}

/** `vipr health`: what the checks found. */
export function healthCommand(context: CommandContext): Command {
  return new Command('health')
    .description('Show how services and destinations are: quorum, state, and what each check found last.')
    .option('--json', 'as one JSON object')
    .option(...SOCKET_OPTION)
    .addHelpText(
      'after',
      '\nExit codes: 0 every service has its quorum; 1 one has not, or failed; 2 wrong usage.',
    )
    .action(async ({ json, socket }: HealthOptions) => {
      const { formatHealth, healthJson } = await import('./format-health.ts');
      const services = await withDirector(context, socket, (client) => client.health());
      context.stdout(json ? healthJson(services) : formatHealth(services, Date.now(), showsColour(context)));
      if (services.some(({ quorum }) => quorum.state === 'down')) context.exitCode = EXIT_FAILED;
    });
}
