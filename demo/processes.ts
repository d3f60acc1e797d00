import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Where a real server of the demo listens. */
export interface RealServer {
  readonly name: string;
  readonly http: number;
  readonly dns: number;
  readonly process: ChildProcess;
}

/** The processes that the demo started, so that nothing is left behind however it ends. */
export class Processes {
  readonly #running = new Set<ChildProcess>();

  async realServer(name: string): Promise<RealServer> {
    const child = this.#start(process.execPath, [
      fileURLToPath(new URL('real-server.ts', import.meta.url)),
      name,
    ]);
    const ports = JSON.parse(await firstLine(child)) as { http: number; dns: number };
    return { name, ...ports, process: child };
  }

  /** Starts a program whose log goes to `log` line by line. */
  start(
    program: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    log: (line: string) => void,
  ): ChildProcess {
    const child = this.#start(program, args, env);
    if (child.stderr) createInterface({ input: child.stderr }).on('line', log);
    return child;
  }

  /** Ends everything that still runs and waits for it. */
  async end(): Promise<void> {
    await Promise.all(
      [...this.#running].map(async (child) => {
        const exited = once(child, 'exit');
        child.kill('SIGTERM');
        const late = setTimeout(() => child.kill('SIGKILL'), 3000);
        await exited;
        clearTimeout(late);
      }),
    );
  }

  #start(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess {
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));
    return child;
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the process has no standard output');
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error('the process ended without a word');
}
