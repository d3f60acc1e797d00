import { ViprError } from '../model/error.ts';
import type { Command } from './command.ts';
import { errorText, withHint } from './error-text.ts';
import { SWITCH_TABLE, type Switch } from './grammar.ts';
import { parseCommand } from './parse.ts';
import { perform } from './perform.ts';
import { Popt } from './popt.ts';
import { Refusal } from './refusal.ts';
import type { IpvsadmIo, IpvsadmModules, Session } from './session.ts';
import { isUnreachable } from './unreachable.ts';

export type { IpvsadmIo, IpvsadmModules } from './session.ts';

/**
 * One run of `ipvsadm`: `argv` are the words after the program's name. Resolves to the exit code: 0 done; 1 a list that
 * failed; 2 wrong usage, or no engine; 255 refused by the engine, or wrong usage that popt found. As with the original, a
 * missing engine is reported before any mistake in the arguments; only help and version need none.
 */
export async function runIpvsadm(
  argv: readonly string[],
  io: IpvsadmIo,
  modules: IpvsadmModules,
): Promise<number> {
  try {
    const topic = topicOf(argv);
    if (topic !== undefined) {
      const { informationOn } = await import('./help.ts');
      io.stdout(informationOn(topic));
      return 0;
    }
    const session = { engine: await modules.openEngine(), names: modules.names, io };
    return await perform(await parse(argv, session), session);
  } catch (error) {
    if (error instanceof Refusal) {
      io.stderr(`${error.message}\n`);
      return error.exitCode;
    }
    if (!(error instanceof ViprError)) throw error;
    if (!isUnreachable(error)) {
      io.stderr(`${errorText(error, undefined)}\n`);
      return 255;
    }
    const reason =
      error.code === 'PERMISSION_DENIED' ? 'Permission denied (you must be root)' : 'Protocol not available';
    io.stderr(
      `Can't initialize ipvs: ${reason}\n` +
        'Are you sure that IP Virtual Server is built in the kernel or as module?\n' +
        `vipr: ${withHint(error)}\n`,
    );
    return 2;
  }
}

/** Parses before the engine is asked, which spares most runs a request; a mistake is told only once the engine answered. */
async function parse(argv: readonly string[], { engine, names }: Session): Promise<Command> {
  try {
    return await parseCommand(argv, names);
  } catch (error) {
    if (error instanceof Refusal) await engine.info();
    throw error;
  }
}

function topicOf(argv: readonly string[]): 'help' | 'version' | undefined {
  const first = new Popt<Switch>(argv, SWITCH_TABLE).next();
  if (first.kind !== 'option') return undefined;
  return first.id === 'help' || first.id === 'version' ? first.id : undefined;
}
