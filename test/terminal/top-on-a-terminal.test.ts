import { spawn, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ENTER_SCREEN, LEAVE_SCREEN } from '../../src/commands/top/screen-writer.ts';
import { TestDirectory, ViprProcess } from '../../src/commands/vipr-process.ts';

const MAIN = fileURLToPath(new URL('../../src/commands/main.ts', import.meta.url));
const skip = spawnSync('script', ['--version']).status === 0 ? false : 'script(1) of util-linux is missing';
/** How long something may take to be seen, in milliseconds. */
const PATIENCE = 20_000;

/** A terminal of 24 lines, made by script(1), on which \`vipr top\` runs and then \`stty -a\`. */
class ScriptedTerminal implements AsyncDisposable {
  text = '';
  readonly #child;
  readonly #ended: Promise<unknown>;

  constructor(socket: string) {
    const top = `'${process.execPath}' '${MAIN}' top --interval 1s --socket '${socket}'`;
    const command = `stty rows 24 cols 100; echo "shell $$"; ${top}; echo "exit $?"; stty -a`;
    this.#child = spawn('script', ['-qfec', command, '/dev/null'], {
      env: { ...process.env, SHELL: '/bin/sh', TERM: 'xterm' },
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text) => {
      this.text += text;
    });
    this.#ended = new Promise((resolve) => void this.#child.on('close', resolve));
  }

  press(keys: string): void {
    this.#child.stdin.write(keys);
  }

  async sees(text: string, from = 0): Promise<number> {
    for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; ) {
      const found = this.text.indexOf(text, from);
      if (found >= 0) return found;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`there is no ${JSON.stringify(text)} in ${JSON.stringify(this.text)}`);
  }

  /** The process of \`vipr top\`: the child of the shell. */
  signalTop(signal: NodeJS.Signals): void {
    const [, shell = ''] = /shell (\d+)/.exec(this.text) ?? [];
    const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', shell], { encoding: 'utf8' });
    process.kill(Number(stdout.trim()), signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The terminal hangs up, which ends what runs on it.
    this.#child.kill('SIGTERM');
    await this.#ended;
  }
}

for (const [how, end] of [
  ['q', (terminal: ScriptedTerminal) => terminal.press('q')],
  ['Ctrl-C', (terminal: ScriptedTerminal) => terminal.press('\u0003')],
  ['SIGTERM', (terminal: ScriptedTerminal) => terminal.signalTop('SIGTERM')],
] as const) {
  test(`vipr top has the whole terminal, and gives it back as it was after ${how}`, { skip }, async () => {
    using directory = new TestDirectory();
    await using vipr = new ViprProcess(['up', '--engine', 'memory', '--socket', directory.socket]);
    await vipr.logs('control socket');
    await using terminal = new ScriptedTerminal(directory.socket);
    const entered = await terminal.sees(ENTER_SCREEN);
    await terminal.sees('engine memory, services 0', entered);
    terminal.press('n');
    await terminal.sees('by name', entered);
    end(terminal);
    const left = await terminal.sees(LEAVE_SCREEN, entered);
    await terminal.sees('exit 0', left);
    await terminal.sees(' icanon', left);
    await terminal.sees(' echo ', left);
  });
}
