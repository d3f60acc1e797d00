import { type ConfigPath, type ConfigProblem, formatPath } from '../config-problem.ts';
import type { ConfigSource } from '../config-source.ts';
import type { Place } from './place.ts';

/** Where a keepalived.conf says what a path of vipr.yaml says. */
export class KeepalivedSource implements ConfigSource {
  readonly file: string;
  readonly #places: ReadonlyMap<string, Place>;

  /** `places` are by path, as `formatPath` writes it. */
  constructor(file: string, places: ReadonlyMap<string, Place>) {
    this.file = file;
    this.#places = places;
  }

  /** Says nothing of paths, which mean nothing to who writes a keepalived.conf. */
  problem(path: ConfigPath, message: string): ConfigProblem {
    for (let length = path.length; length > 0; length -= 1) {
      const place = this.#places.get(formatPath(path.slice(0, length)));
      if (place !== undefined) return { ...place, path: '', message };
    }
    return { file: this.file, line: 1, column: 1, path: '', message };
  }
}
