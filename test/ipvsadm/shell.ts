import { type List, parseShell, type SimpleCommand, type Word } from './shell-syntax.ts';

/** A program that transcripts call. */
export type Program = (
  args: readonly string[],
  streams: Streams,
  environment: ReadonlyMap<string, string>,
) => number | Promise<number>;

export interface Streams {
  readonly stdin: string;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/** Runs shell lines with the programs given, a few of the shell's own, and files that exist in memory only. */
export class Shell {
  readonly #programs: ReadonlyMap<string, Program>;
  readonly #files = new Map([['/dev/null', '']]);
  readonly #variables = new Map<string, string>();
  #status = 0;
  #stdout = '';
  #stderr = '';

  constructor(programs: ReadonlyMap<string, Program>) {
    this.#programs = new Map([...OWN, ['diff', this.#diff.bind(this)], ...programs]);
  }

  /** Rejects where the line uses a program or syntax that is not known. */
  async run(line: string): Promise<{ stdout: string; stderr: string; exitCode: number }> {
    this.#stdout = '';
    this.#stderr = '';
    this.#status = 0;
    await this.#list(parseShell(line));
    return { stdout: this.#stdout, stderr: this.#stderr, exitCode: this.#status };
  }

  async #list(list: List): Promise<void> {
    for (const { onlyAfterSuccess, statement } of list) {
      if (onlyAfterSuccess && this.#status !== 0) continue;
      if (statement.kind === 'pipeline') await this.#pipeline(statement.commands);
      else {
        for (const word of statement.words) {
          this.#variables.set(statement.name, this.#expand(word));
          await this.#list(statement.body);
        }
      }
    }
  }

  async #pipeline(commands: readonly SimpleCommand[]): Promise<void> {
    let piped = '';
    for (const command of commands) piped = await this.#command(command, piped);
    this.#stdout += piped;
  }

  /** Runs one command; resolves to what it leaves for the next one of its pipeline. */
  async #command({ words, assignments, input, output }: SimpleCommand, piped: string): Promise<string> {
    const [name = '', ...args] = words.map((word) => this.#expand(word));
    const program = this.#programs.get(name);
    if (program === undefined) throw new Error(`unknown program '${name}'`);
    let printed = '';
    const streams: Streams = {
      stdin: input === undefined ? piped : this.#read(this.#expand(input)),
      stdout: (text) => {
        printed += text;
      },
      stderr: (text) => {
        this.#stderr += text;
      },
    };
    this.#status = await program(args, streams, assignments);
    if (output === undefined) return printed;
    this.#files.set(this.#expand(output), printed);
    return '';
  }

  #expand(word: Word): string {
    const value = (_: string, name: string): string =>
      name === '?' ? `${this.#status}` : (this.#variables.get(name) ?? '');
    return word
      .map(({ text, literal }) => (literal ? text : text.replaceAll(/\$(\?|[a-z]+)/g, value)))
      .join('');
  }

  #read(file: string): string {
    const text = this.#files.get(file);
    if (text === undefined) throw new Error(`no file '${file}'`);
    return text;
  }

  /** `diff - FILE`, which only says whether they differ. */
  #diff(args: readonly string[], { stdin, stdout }: Streams): number {
    if (args.length !== 2 || args[0] !== '-')
      throw new Error(`diff ${args.join(' ')}: only 'diff - FILE' is known`);
    const same = stdin === this.#read(args[1] ?? '');
    if (!same) stdout('differ\n');
    return same ? 0 : 1;
  }
}

const OWN: readonly (readonly [string, Program])[] = [
  [
    'echo',
    (args, { stdout }) => {
      stdout(`${args.join(' ')}\n`);
      return 0;
    },
  ],
  [
    'printf',
    ([format, ...args], { stdout }) => {
      if (format !== '%s\\n' && format !== '%s') throw new Error(`printf: unknown format ${format}`);
      stdout(args.map((arg) => (format === '%s' ? arg : `${arg}\n`)).join(''));
      return 0;
    },
  ],
  [
    'tail',
    ([count], { stdin, stdout }) => {
      const lines = stdin.split(/(?<=\n)/);
      stdout(lines.slice(Number(count)).join(''));
      return 0;
    },
  ],
];
