import type { Operation } from '../model/operation.ts';
import { expectBulk } from './bulk.ts';
import { errorText } from './error-text.ts';
import { LineShapes } from './line-shapes.ts';
import type { Names } from './names.ts';
import { parseCommand } from './parse.ts';
import { perform } from './perform.ts';
import { Refusal } from './refusal.ts';
import type { Session } from './session.ts';

/** Operations that travel to the engine together. */
const BATCH = 1000;

/**
 * `-R`: carries out the lines of standard input, each the words of an `ipvsadm` command between blanks, with or without
 * `ipvsadm` before them; empty lines are fine, comments and quotes are not known. An operation that the engine refuses
 * is reported and the rest goes on; most mistakes of usage end the run, with the lines before them carried out. Resolves
 * to the exit code of the last line.
 */
export async function restoreLines(session: Session): Promise<number> {
  const run = new Restore(session);
  const input = session.io.stdin();
  let rest = '';
  for await (const chunk of Symbol.asyncIterator in input ? input : [await input]) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (run.isFull) await run.flush();
      // Without a promise for each of thousands of lines.
      if (!run.takeKnown(line) && !(await run.take(line))) return run.exitCode;
    }
    await run.flush();
  }
  await run.take(rest);
  await run.flush();
  return run.exitCode;
}

/** The first line that is no command, counted from 1, and why; undefined where all are. Carries nothing out. */
export async function firstMistake(
  lines: readonly string[],
  names: Names,
): Promise<{ readonly line: number; readonly refusal: Refusal } | undefined> {
  const shapes = new LineShapes();
  for (const [index, line] of lines.entries()) {
    if (shapes.operationOf(line) !== undefined) continue;
    const words = wordsOf(line);
    try {
      const command = words.length > 0 ? await parseCommand(words, names) : undefined;
      if (command?.kind === 'operation') shapes.learn(line, command.operation);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { line: index + 1, refusal: error };
    }
  }
  return undefined;
}

function wordsOf(line: string): string[] {
  return line.split(/[ \t\r]+/).filter((word) => word !== '' && word !== 'ipvsadm');
}

class Restore {
  readonly #session: Session;
  readonly #shapes = new LineShapes();
  readonly #batch: Operation[] = [];
  exitCode = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Whether the operations that were kept should go to the engine. */
  get isFull(): boolean {
    return this.#batch.length >= BATCH;
  }

  /** Keeps a line for the next batch; false where it is not like one that was taken before. */
  takeKnown(line: string): boolean {
    const operation = this.#shapes.operationOf(line);
    if (operation === undefined) return false;
    this.#batch.push(operation);
    return true;
  }

  /** Carries out a line, or keeps it for the next batch; false where the run ends with it. */
  async take(line: string): Promise<boolean> {
    const words = wordsOf(line);
    if (words.length === 0) return true;
    try {
      const command = await parseCommand(words, this.#session.names);
      if (command.kind === 'operation') {
        this.#shapes.learn(line, command.operation);
        this.#batch.push(command.operation);
        return true;
      }
      await this.flush();
      this.exitCode = await perform(command, this.#session, true);
      return command.kind !== 'help' && command.kind !== 'version';
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      await this.flush();
      this.#session.io.stderr(`${error.message}\n`);
      this.exitCode = error.exitCode;
      return !error.endsRestore;
    }
  }

  async flush(): Promise<void> {
    const batch = this.#batch.splice(0);
    if (batch.length === 0) return;
    if (batch.length >= BATCH) expectBulk();
    const outcomes = await this.#session.engine.execute(batch);
    for (const [index, outcome] of outcomes.entries()) {
      this.exitCode = outcome === undefined ? 0 : 255;
      if (outcome !== undefined) this.#session.io.stderr(`${errorText(outcome, batch[index]?.kind)}\n`);
    }
  }
}
