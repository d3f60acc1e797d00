import { Command } from 'commander';
import type { CommandContext } from './command-context.ts';

/** `vipr ipvsadm …`: the ipvsadm command, for who has not put it into the PATH. */
export function ipvsadmCommand(context: CommandContext): Command {
  return new Command('ipvsadm')
    .description("ipvsadm's commands, options and exit codes: `vipr ipvsadm --help` has them.")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .argument('[arguments...]', "ipvsadm's own")
    .action(async (args: string[]) => {
      const [{ processIo }, { runIpvsadm }, { runOnDirector }] = await Promise.all([
        import('../ipvsadm/process-io.ts'),
        import('../ipvsadm/run.ts'),
        import('../ipvsadm/run-on-director.ts'),
      ]);
      context.exitCode = await runOnDirector(runIpvsadm, args, processIo(), context.env);
    });
}
