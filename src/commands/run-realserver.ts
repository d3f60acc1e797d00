import { type IpAddress, parseIpAddress } from '../model/address.ts';
import { ViprError } from '../model/error.ts';
import { check, isWell } from '../realserver/check.ts';
import { explained } from '../realserver/explain-failure.ts';
import type { Host } from '../realserver/host.ts';
import { openHost } from '../realserver/open-host.ts';
import {
  type Decapsulation,
  GUE_PORT,
  type RealServerSettings,
  type TunnelKind,
} from '../realserver/real-server-settings.ts';
import { setUp } from '../realserver/set-up.ts';
import { StateFile } from '../realserver/state-file.ts';
import { undo } from '../realserver/undo.ts';
import { USUAL_STATE_FILE } from '../realserver/usual-place.ts';
import { type CommandContext, EXIT_FAILED } from './command-context.ts';
import { formatCheck, formatSetUp, formatUndo } from './format-realserver.ts';

/** The options of `vipr realserver`, as they were given. */
export interface RealServerOptions {
  readonly method?: 'direct' | 'tunnel';
  readonly tunnel?: readonly TunnelKind[];
  readonly tunnelPort?: number;
  readonly decapsulation?: Decapsulation;
  readonly interface?: readonly string[];
  readonly bpfDir?: string;
  readonly state?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

type Action = 'setup' | 'check' | 'undo';

/** Does what `vipr realserver` is asked for. Throws a ViprError. */
export async function runRealserver(
  action: Action,
  vips: readonly string[],
  options: RealServerOptions,
  context: CommandContext,
): Promise<void> {
  const settings = settingsOf(action, vips, options);
  const file = new StateFile(options.state ?? USUAL_STATE_FILE);
  const host = openHost();
  try {
    await explained(() => perform(action, settings, options, host, file, context));
  } finally {
    host.close();
  }
}

async function perform(
  action: Action,
  settings: RealServerSettings | undefined,
  options: RealServerOptions,
  host: Host,
  file: StateFile,
  context: CommandContext,
): Promise<void> {
  const { json = false, dryRun = false } = options;
  if (action === 'undo') {
    context.stdout(formatUndo(await undo(host, file, dryRun), { json, dryRun }));
    return;
  }
  if (action === 'check' || settings === undefined) {
    const requirements = await check(settings, host, file);
    if (!isWell(requirements)) context.exitCode = EXIT_FAILED;
    context.stdout(formatCheck(requirements, json));
    return;
  }
  const result = await setUp(settings, host, file, dryRun);
  if (!dryRun && !isWell(result.requirements)) context.exitCode = EXIT_FAILED;
  context.stdout(formatSetUp(result, { json, dryRun }));
}

/** Undefined where none were given. */
function settingsOf(
  action: Action,
  vips: readonly string[],
  options: RealServerOptions,
): RealServerSettings | undefined {
  const { method, tunnel, tunnelPort, decapsulation, bpfDir } = options;
  const tunnels = method === 'tunnel' || tunnel !== undefined;
  const settings = [method, tunnel, tunnelPort, decapsulation, bpfDir, options.interface];
  const given = settings.some((each) => each !== undefined);
  if (action === 'undo' && (vips.length > 0 || given))
    throw usage(
      '`vipr realserver undo` takes no addresses and no settings.',
      'It undoes everything that setup did.',
    );
  if (action === 'check' && options.dryRun)
    throw usage('`vipr realserver check` changes nothing.', 'Leave --dry-run out.');
  if (vips.length === 0) {
    if (action === 'setup')
      throw usage(
        'There is no virtual address to set up.',
        'Name one or more, such as `vipr realserver setup 192.0.2.10`.',
      );
    if (given) throw usage('Settings are for addresses, and there is none.', 'Name the virtual addresses.');
    return undefined;
  }
  if (method === 'direct' && tunnel !== undefined)
    throw usage('--tunnel does not go with --method direct.', 'Use --method tunnel.');
  if (tunnelPort !== undefined && !tunnel?.includes('gue'))
    throw usage('--tunnel-port is for GUE.', 'Add --tunnel gue, or leave the port out.');
  if (decapsulation !== undefined && !tunnels)
    throw usage('--decapsulation is for tunnels.', 'Add --method tunnel, or leave it out.');
  if (bpfDir !== undefined && !bpfDir.startsWith('/'))
    throw usage(`--bpf-dir ${bpfDir} is not an absolute path.`, 'Begin it with a slash.');
  const kinds = tunnels ? new Set<TunnelKind>(tunnel ?? ['ipip']) : [];
  return {
    virtualAddresses: [...new Set(vips.map(virtualAddress))],
    tunnels: [...kinds].map((kind) => (kind === 'gue' ? { kind, port: tunnelPort ?? GUE_PORT } : { kind })),
    interfaces: options.interface,
    decapsulation: decapsulation ?? 'auto',
    bpfDirectory: bpfDir,
  };
}

function virtualAddress(text: string): IpAddress {
  const address = parseIpAddress(text);
  if (address === undefined)
    throw usage(`'${text}' is no IP address.`, 'Give an address without a mask, such as 192.0.2.10.');
  if (!isUnicast(address))
    throw usage(`${address} is not the address of one host.`, 'Give a unicast address.');
  return address;
}

/** Neither multicast, loopback, link-local, nor one that stands for all or none. */
function isUnicast(address: IpAddress): boolean {
  return !/^(?:0\.|127\.|169\.254\.|2(?:2[4-9]|[345]\d)\.|::1?$|::ffff:|f[ef][89abf]?|ff)/.test(address);
}

function usage(message: string, hint: string): ViprError {
  return new ViprError('USAGE', message, { hint });
}
