import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { DECAPSULATIONS, TUNNEL_KINDS, type TunnelKind } from '../realserver/real-server-settings.ts';
import type { CommandContext } from './command-context.ts';
import type { RealServerOptions } from './run-realserver.ts';
import { wholeNumber } from './whole-number.ts';

/** `vipr realserver setup|check|undo`: this host as a real server. */
export function realserverCommand(context: CommandContext): Command {
  return new Command('realserver')
    .description('Make this host a real server for direct routing or tunnels, check it, or undo that.')
    .addArgument(new Argument('<action>', 'what to do').choices(['setup', 'check', 'undo']))
    .argument('[vips...]', 'the virtual addresses, IPv4 or IPv6')
    .addOption(new Option('--method <method>', 'how packets come').choices(['direct', 'tunnel']))
    .addOption(
      new Option('--tunnel <kind>', 'how they are wrapped; may be repeated (default: ipip)')
        .choices(TUNNEL_KINDS)
        .argParser(collectTunnel),
    )
    .option('--tunnel-port <port>', 'UDP port of gue (default: 6080)', wholeNumber(1, 65_535))
    .addOption(
      new Option('--decapsulation <how>', 'who takes the outer headers off (default: "auto")').choices(
        DECAPSULATIONS,
      ),
    )
    .option('--interface <name>', 'where packets come in; may be repeated (default: anywhere)', collect)
    .option('--bpf-dir <path>', "where vipr's program is pinned (default: /sys/fs/bpf/vipr-realserver)")
    .option('--state <file>', 'what was changed (default: /var/lib/vipr/realserver.json)')
    .option('--dry-run', 'tell what would be done, and do nothing')
    .option('--json', 'as one JSON object')
    .addHelpText(
      'after',
      `
setup adds to earlier setups; check without addresses is about those; undo takes all of them back, and nothing else.
Exit codes: 0 all is right, or undone; 1 something is wrong, or failed; 2 wrong usage.`,
    )
    .action(async (action: 'setup' | 'check' | 'undo', vips: string[], options: RealServerOptions) => {
      const { runRealserver } = await import('./run-realserver.ts');
      await runRealserver(action, vips, options, context);
    });
}

function collectTunnel(text: string, before: readonly TunnelKind[] = []): readonly TunnelKind[] {
  const kind = TUNNEL_KINDS.find((each) => each === text);
  if (kind === undefined) throw new InvalidArgumentError(`Allowed choices are ${TUNNEL_KINDS.join(', ')}.`);
  return [...before, kind];
}

function collect(name: string, before: readonly string[] = []): readonly string[] {
  return [...before, name];
}
