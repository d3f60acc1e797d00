import { Command } from 'commander';
import { type CommandContext, EXIT_FAILED, showsColour } from './command-context.ts';
import { SOCKET_OPTION, withDirector } from './with-director.ts';

interface VrrpOptions {
  readonly verbose?: true;
  readonly json?: true;
  readonly socket?: string;
}

/** `vipr vrrp`: who is master, and why somebody may not be. */
export function vrrpCommand(context: CommandContext): Command {
  return new Command('vrrp')
    .description(
      'Show VRRP: instances with state, priority, addresses and faults, sync groups, tracked scripts.',
    )
    .option('--verbose', 'with counts of advertisements and changes')
    .option('--json', 'as one JSON object')
    .option(...SOCKET_OPTION)
    .addHelpText(
      'after',
      '\n`vipr events --follow` tells of changes as they happen.' +
        '\nExit codes: 0 no instance is in fault; 1 one is, or failed; 2 wrong usage.',
    )
    .action(async ({ verbose, json, socket }: VrrpOptions) => {
      const { formatVrrp, vrrpJson } = await import('./format-vrrp.ts');
      const status = await withDirector(context, socket, (client) => client.vrrp());
      const format = { now: Date.now(), colour: showsColour(context), verbose: verbose === true };
      context.stdout(json ? vrrpJson(status) : formatVrrp(status, format));
      if (status.instances.some(({ state }) => state === 'fault')) context.exitCode = EXIT_FAILED;
    });
}
