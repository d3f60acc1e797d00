import type { ScriptCommand } from '../../model/script-command.ts';
import type { RunScriptOptions, ScriptEnd } from '../script/run-script.ts';

interface ScriptedRun {
  readonly name: string;
  readonly options: RunScriptOptions;
  readonly end: (end?: ScriptEnd) => void;
}

/** Scripts that run until the test ends them, or until they are called off. */
export class ScriptedRuns {
  /** All that were started, as the first word of each command. */
  readonly started: string[] = [];
  readonly running = new Set<ScriptedRun>();

  readonly runScript = (command: ScriptCommand, options: RunScriptOptions): Promise<ScriptEnd> => {
    const { promise, resolve } = Promise.withResolvers<ScriptEnd>();
    const [name = ''] = command.argv;
    const run: ScriptedRun = {
      name,
      options,
      end: (end = { kind: 'exited', code: 0 }) => {
        this.running.delete(run);
        resolve(end);
      },
    };
    this.started.push(name);
    this.running.add(run);
    options.signal?.addEventListener('abort', () => run.end({ kind: 'signalled', signal: 'SIGTERM' }));
    return promise;
  };

  /** Ends what runs, and lets what follows start. */
  async end(end?: ScriptEnd): Promise<void> {
    for (const run of [...this.running]) run.end(end);
    await new Promise(setImmediate);
  }
}
