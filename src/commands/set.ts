import { Command } from 'commander';
import { type CommandContext, showsColour } from './command-context.ts';
import { changesJson, formatChanges } from './format-changes.ts';
import { SOCKET_OPTION, withDirector } from './with-director.ts';

interface SetOptions {
  readonly json?: true;
  readonly socket?: string;
}

const LASTS = 'It lasts until the next reload or `vipr apply`: change the configuration too.\n';

/** `vipr set`: settings of what is in the table change at run time. */
export function setCommand(context: CommandContext): Command {
  return new Command('set')
    .description('Change settings of a service, or of one of its destinations, in the running director.')
    .argument('<service>', 'such as "tcp 192.0.2.10:80", 192.0.2.10:80 (of tcp) or "fwmark 3"')
    .argument('<settings...>', 'the destination, such as 10.0.0.11:80, if it is about one; then KEY=VALUE…')
    .option('--json', 'as one JSON object')
    .option(...SOCKET_OPTION)
    .addHelpText(
      'after',
      `
Keys are those of vipr.yaml. Of a service: scheduler, flags, persistence, persistence.timeout,
persistence.netmask, persistence.engine, one-packet. Of a destination: method, weight, upper-threshold,
lower-threshold, tunnel.type, tunnel.port, tunnel.checksum, proxy-protocol. Everything else stays as it is.
Exit codes: 0 set, or nothing was to change; 1 failed; 2 wrong usage: nothing was changed then.`,
    )
    .action(async (service: string, settings: readonly string[], { json, socket }: SetOptions) => {
      const { readSetWords, setSettings } = await import('./run-set.ts');
      const request = readSetWords([service, ...settings]);
      const changes = await withDirector(context, socket, (client) => setSettings(client, request));
      if (json) context.stdout(changesJson(changes));
      else {
        const lasts = changes.length === 0 ? '' : LASTS;
        context.stdout(formatChanges(changes, 'done', showsColour(context)) + lasts);
      }
    });
}
