import { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { bpfDirectoryOption, instanceOption } from './instance-option.ts';

interface DownOptions {
  readonly bpfDir?: string;
  readonly instance?: string;
}

/** `vipr down`: what the eBPF engine left in the kernel is taken away. */
export function downCommand(context: CommandContext): Command {
  return new Command('down')
    .description('Remove the eBPF engine from the kernel: its programs, services, connections and counters.')
    .addOption(bpfDirectoryOption())
    .addOption(instanceOption())
    .addHelpText(
      'after',
      '\nThe director must have ended. Where there is nothing to remove, it says so.' +
        '\nExit codes: 0 nothing is left; 1 failed, or a director runs; 2 wrong usage.',
    )
    .action(async ({ bpfDir, instance }: DownOptions) => {
      const { takeDown } = await import('../engines/ebpf/lifecycle/take-down.ts');
      const removed = await takeDown({ bpfDirectory: bpfDir ?? context.env.VIPR_BPF_DIR, instance });
      context.stdout(removed.length === 0 ? 'nothing to remove\n' : `${removed.join('\n')}\n`);
    });
}
