import { ViprError } from '../model/error.ts';
import { errorText, withHint } from './error-text.ts';
import { SWITCHES, type Switch } from './grammar.ts';
import { parseCommand } from './parse.ts';
import { perform } from './perform.ts';
import { Popt } from './popt.ts';
import { Refusal } from './refusal.ts';
import type { IpvsadmIo, IpvsadmModules, Session } from './session.ts';

export type { IpvsadmIo, IpvsadmModules } from './session.ts';

/**
 * One run of `ipvsadm`: `argv` are the words after the program's name. Resolves to the exit code: 0 done; 1 a list that
 * failed; 2 wrong usage, or no engine; 255 refused by the engine, or wrong usage that popt found. As in the original the
 * engine is asked first, whatever the arguments; only help and version need none.
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
    const session = await open(io, modules);
    if (session === undefined) return 2;
    return await perform(await parseCommand(argv, modules.names), session);
  } catch (error) {
    if (error instanceof Refusal) {
      io.stderr(`${error.message}\n`);
      return error.exitCode;
    }
    if (!(error instanceof ViprError)) throw error;
    io.stderr(`${errorText(error, undefined)}\n`);
    return 255;
  }
}

function topicOf(argv: readonly string[]): 'help' | 'version' | undefined {
  const first = new Popt<Switch>(argv, SWITCHES).next();
  if (first.kind !== 'option') return undefined;
  return first.id === 'help' || first.id === 'version' ? first.id : undefined;
}

async function open(io: IpvsadmIo, modules: IpvsadmModules): Promise<Session | undefined> {
  try {
    const engine = await modules.openEngine();
    return { engine, info: await engine.info(), names: modules.names, io };
  } catch (error) {
    if (!(error instanceof ViprError)) throw error;
    const reason =
      error.code === 'PERMISSION_DENIED' ? 'Permission denied (you must be root)' : 'Protocol not available';
    io.stderr(
      `Can't initialize ipvs: ${reason}\n` +
        'Are you sure that IP Virtual Server is built in the kernel or as module?\n' +
        `vipr: ${withHint(error)}\n`,
    );
    return undefined;
  }
}
