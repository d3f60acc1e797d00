import { ConfigInvalidError, type ConfigProblem } from '../config-problem.ts';
import type { Place } from './place.ts';
import type { Word } from './word.ts';

/** More problems than this are not collected: a file of another kind has one a line. */
const MOST = 1000;

/** Collects what is wrong with a file, and what it says that vipr does not do. */
export class ProblemLog {
  readonly #errors: ConfigProblem[] = [];
  readonly #warnings: ConfigProblem[] = [];

  /** Warnings, in the order in which they were found. */
  get warnings(): readonly ConfigProblem[] {
    return this.#warnings;
  }

  /** A problem with a place, or with a word, which is then named by its keyword. */
  error(at: Place | Word, message: string): void {
    if (this.#errors.length >= MOST) return;
    if ('text' in at) this.#errors.push({ ...at.place, path: at.of ?? '', message });
    else this.#errors.push({ ...at, path: '', message });
  }

  warn(place: Place, message: string): void {
    if (this.#warnings.length < MOST) this.#warnings.push({ ...place, path: '', message });
  }

  /** Throws {@link ConfigInvalidError} where there was an error. */
  throwErrors(): void {
    if (this.#errors.length > 0) throw new ConfigInvalidError(this.#errors);
  }
}
