import type { ProblemLog } from './problem-log.ts';
import type { Statement } from './statement.ts';

/** The statements of a block by keyword. */
export class Settings {
  readonly #byName = new Map<string, Statement[]>();
  readonly #log: ProblemLog;

  constructor(statements: readonly Statement[], log: ProblemLog) {
    this.#log = log;
    for (const statement of statements) {
      const same = this.#byName.get(statement.keyword.text);
      if (same === undefined) this.#byName.set(statement.keyword.text, [statement]);
      else same.push(statement);
    }
  }

  /** All of them, in their order. */
  all(name: string): readonly Statement[] {
    return this.#byName.get(name) ?? [];
  }

  /** The last of them; the others are told as being without effect. Several names are synonyms. */
  last(...names: readonly string[]): Statement | undefined {
    const found = names.flatMap((name) => this.all(name)).sort(byPlace);
    const last = found.at(-1);
    for (const { keyword } of found.slice(0, -1)) this.#warnRepeated(keyword, last);
    return last;
  }

  /** The first of them, as keepalived takes scripts; the others are told as being without effect. */
  first(name: string): Statement | undefined {
    const [first, ...others] = this.all(name);
    for (const { keyword } of others) this.#warnRepeated(keyword, first);
    return first;
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  #warnRepeated({ text, place }: Statement['keyword'], kept: Statement | undefined): void {
    this.#log.warn(place, `${text} is given again in line ${kept?.keyword.place.line}, which counts`);
  }
}

/** Statements come in the order of the file; only synonyms have to be put into it. */
function byPlace({ keyword: { place: a } }: Statement, { keyword: { place: b } }: Statement): number {
  return a.file === b.file ? a.line - b.line || a.column - b.column : 0;
}
