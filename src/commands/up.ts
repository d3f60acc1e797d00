import { Command, Option } from 'commander';
import { directorSocketPath } from '../api/socket-path.ts';
import {
  ATTACH_CHOICES,
  type AttachChoice,
  ENGINE_CHOICES,
  type EngineChoice,
  LOG_FORMATS,
  type LogFormat,
} from '../config/config.ts';
import { LOG_LEVELS, type LogLevel } from '../config/log-level.ts';
import type { CommandContext } from './command-context.ts';
import { bpfDirectoryOption, instanceOption } from './instance-option.ts';
import { version } from './version.ts';
import { wholeNumber } from './whole-number.ts';

interface UpOptions {
  readonly engine?: EngineChoice;
  readonly socket?: string;
  readonly config?: string;
  readonly workers?: number;
  readonly attach?: AttachChoice;
  readonly interface?: readonly string[];
  readonly bpfDir?: string;
  readonly instance?: string;
  readonly drain: number;
  readonly logLevel?: LogLevel;
  readonly logFormat?: LogFormat;
}

/** `vipr up`: a director in the foreground, until a signal ends it. */
export function upCommand(context: CommandContext): Command {
  return new Command('up')
    .description('Run a director in the foreground: the balancer, with its control socket.')
    .addOption(new Option('--engine <engine>', 'what carries the traffic').choices(ENGINE_CHOICES))
    .option('--socket <path>', 'the control socket (default: VIPR_SOCKET, or a path for this user)')
    .option('--config <file>', 'a vipr.yaml with the services to start with')
    .option('--workers <count>', 'threads of the relay (default: one a core)', wholeNumber(1, 1024))
    .addOption(new Option('--attach <hook>', 'where ebpf meets packets').choices(ATTACH_CHOICES))
    .option('--interface <name...>', 'interfaces of ebpf, such as eth0 or "eth*" (default: all that are up)')
    .addOption(bpfDirectoryOption())
    .addOption(instanceOption())
    .option('--drain <seconds>', 'how long connections may go on after SIGTERM', wholeNumber(0, 86_400), 10)
    .addOption(
      new Option('--log-level <level>', 'what is logged on stderr (default: as configured, or info)').choices(
        LOG_LEVELS,
      ),
    )
    .addOption(
      new Option(
        '--log-format <format>',
        'lines for people, or JSON (default: as configured, or text on a terminal and else json)',
      ).choices(LOG_FORMATS),
    )
    .addHelpText(
      'after',
      `
SIGTERM and SIGINT end the director: it takes no new connections, lets those that run go on for --drain seconds,
and exits with 0. A second signal ends it at once.
Exit codes: 0 ended by a signal; 1 failed; 2 wrong usage, or a configuration with errors: nothing was started then.`,
    )
    .action(async ({ interface: interfaces, bpfDir, ...options }: UpOptions) => {
      const { runDirector } = await import('../director/run-director.ts');
      const socket = options.socket ?? directorSocketPath(context.env);
      const bpfDirectory = bpfDir ?? context.env.VIPR_BPF_DIR;
      await runDirector({
        ...options,
        ...(interfaces !== undefined && { interfaces }),
        ...(bpfDirectory !== undefined && { bpfDirectory }),
        socket,
        version,
      });
    });
}
