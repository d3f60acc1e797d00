import { ViprError } from '../model/error.ts';

/** Keys and indices from the top of the file to a value. */
export type ConfigPath = readonly (string | number)[];

/** One thing that is wrong in a configuration file. */
export interface ConfigProblem {
  /** As the file was named when it was read. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  /** `services[0].destinations[1].weight`; empty for the whole file and for mistakes of syntax. */
  readonly path: string;
  readonly message: string;
}

/** Everything that is wrong in configuration files, file by file and in the order of each, one problem a line of the message. */
export class ConfigInvalidError extends ViprError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const files = [...new Set(problems.map(({ file }) => file))];
    const sorted = withoutRepetition(problems).toSorted(
      (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
    );
    super('CONFIG_INVALID', sorted.map(formatProblem).join('\n'), {
      hint: 'Correct the file; nothing was started or changed.',
    });
    this.problems = sorted;
  }
}

/** `vipr.yaml:12:17: services[0].destinations[1].weight: must be …` */
export function formatProblem({ file, line, column, path, message }: ConfigProblem): string {
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`;
}

/** One broken bracket can make the parser say the same over and over. */
function withoutRepetition(problems: readonly ConfigProblem[]): ConfigProblem[] {
  return [...new Map(problems.map((problem) => [formatProblem(problem), problem])).values()];
}

export function formatPath(path: ConfigPath): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');
}
