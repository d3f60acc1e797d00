import { Command, Option } from 'commander';
import { type CommandContext, EXIT_FAILED } from './command-context.ts';
import { SOCKET_OPTION, withDirector } from './with-director.ts';

interface ExplainOptions {
  readonly udp?: true;
  readonly sctp?: true;
  readonly service?: string;
  readonly json?: true;
  readonly socket?: string;
}

/** `vipr explain`: which server a client gets, and why. */
export function explainCommand(context: CommandContext): Command {
  return new Command('explain')
    .description("Tell which server a client's next packet reaches, and why no other one.")
    .argument('<client>', 'the client\'s address, with or without a port: 198.51.100.7, "[2001:db8::7]:4711"')
    .argument('[service...]', 'where it goes: 192.0.2.10:80, "udp 192.0.2.10:53" or fwmark 3')
    .addOption(new Option('--udp', 'the service is of udp').conflicts(['sctp', 'service']))
    .addOption(new Option('--sctp', 'the service is of sctp').conflicts(['udp', 'service']))
    .option('--service <service>', 'the service, such as "tcp 192.0.2.10:80" or "fwmark 3 inet6"')
    .option('--json', 'as one JSON object')
    .option(...SOCKET_OPTION)
    .addHelpText(
      'after',
      '\nNothing is changed, and no packet is sent.' +
        '\nExit codes: 0 a server takes it; 1 failed, or no server does; 2 wrong usage.',
    )
    .action(async (client: string, words: readonly string[], options: ExplainOptions) => {
      const { explainJson, formatExplanation, readExplainWords } = await import('./run-explain.ts');
      const request = readExplainWords(client, words, options);
      const answer = await withDirector(context, options.socket, (director) =>
        director.explain(request.client, request.service),
      );
      context.stdout(options.json ? explainJson(answer) : formatExplanation(answer));
      if (answer.by === 'none') context.exitCode = EXIT_FAILED;
    });
}
