import { ViprError } from '../model/error.ts';
import type { Command } from './command.ts';
import { errorText } from './error-text.ts';
import { Refusal, tryHelp } from './refusal.ts';
import type { Session } from './session.ts';
import { isUnreachable } from './unreachable.ts';

/** Carries out a command; resolves to the exit code. Inside `-R`, `-R` is no command. */
export async function perform(command: Command, session: Session, inRestore = false): Promise<number> {
  const { io, engine } = session;
  switch (command.kind) {
    case 'help':
    case 'version': {
      const { informationOn } = await import('./help.ts');
      io.stdout(informationOn(command.kind));
      return 0;
    }
    case 'operation': {
      const [outcome] = await engine.execute([command.operation]);
      if (outcome === undefined) return 0;
      io.stderr(`${errorText(outcome, command.operation.kind)}\n`);
      return 255;
    }
    case 'list':
    case 'list-connections':
    case 'list-timeouts':
    case 'list-daemons':
    case 'save': {
      const { list } = await import('./list.ts');
      await list(command, session).catch(failList);
      return 0;
    }
    case 'restore': {
      if (inRestore) throw tryHelp();
      const { restoreLines } = await import('./restore-lines.ts');
      return restoreLines(session);
    }
    default:
      throw new Error(`cannot perform ${command satisfies never}`);
  }
}

/** A list that the engine fails ends the program, and with it a restore, with another code than other commands. */
function failList(error: unknown): never {
  if (error instanceof ViprError && !isUnreachable(error)) throw new Refusal(errorText(error, undefined), 1);
  throw error;
}
