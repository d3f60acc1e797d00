import { fieldOf, isMapping, type LaidOutService, layOut, listOf } from './config-layout.ts';
import type { ConfigPath, ConfigProblem } from './config-problem.ts';
import type { ConfigSource } from './config-source.ts';
import type { YamlSource } from './yaml-source.ts';

/** Sections that files add to, by name. */
export const NAMED_SECTIONS = ['timeouts', 'checks', 'groups'] as const;

/** What all files say together. */
export interface MergedReading {
  readonly value: Readonly<Record<string, unknown>>;
  readonly layout: readonly LaidOutService[];
}

/** A vipr.yaml and those that it includes as one: values are found in the file where they were written. */
export class MergedSource implements ConfigSource {
  readonly file: string;
  readonly #sources: readonly YamlSource[];
  #reading: WeakRef<MergedReading> | undefined;

  /** The main file first. */
  constructor(sources: readonly YamlSource[], main: string) {
    this.#sources = sources;
    this.file = main;
  }

  /** Made anew when it is asked for again, as {@link YamlSource} is. */
  get reading(): MergedReading {
    const kept = this.#reading?.deref();
    if (kept !== undefined) return kept;
    const value = mergeValues(this.#sources.map((source) => source.value));
    const reading = { value, layout: layOut(value) };
    this.#reading = new WeakRef(reading);
    return reading;
  }

  /** Services are counted as in the table: where a range or a list stands for several, each counts. */
  problem(path: ConfigPath, message: string): ConfigProblem {
    return this.writtenProblem(this.#written(path), message);
  }

  /** As {@link problem}, but services are counted as they are written, one file after the other. */
  writtenProblem(path: ConfigPath, message: string): ConfigProblem {
    const [source, inner] = this.#locate(path);
    return source.problem(inner, message);
  }

  /** Where the value at a path is written, for people: `line 3`, or `other.yaml, line 3` seen from another file. */
  placeOf(path: ConfigPath, seenFrom: ConfigPath): string {
    const [source, inner] = this.#locate(path);
    const line = `line ${source.lineOf(inner)}`;
    return source === this.#locate(seenFrom)[0] ? line : `${source.file}, ${line}`;
  }

  #written(path: ConfigPath): ConfigPath {
    const [section, index, ...rest] = path;
    const service = section === 'services' ? this.reading.layout[Number(index)] : undefined;
    if (service === undefined) return path;
    if (rest[0] === 'service') return service.written;
    const destination = rest[0] === 'destinations' ? service.destinations[Number(rest[1])] : undefined;
    return destination === undefined ? [...service.path, ...rest] : [...destination.path, ...rest.slice(2)];
  }

  #locate(path: ConfigPath): readonly [YamlSource, ConfigPath] {
    const [main, ...others] = this.#sources;
    if (main === undefined) throw new TypeError('a configuration has a file');
    const [section = '', key = '', ...rest] = path;
    if (section === 'services') {
      let index = Number(key);
      for (const source of this.#sources) {
        const { length } = listOf(fieldOf(source.value, 'services'));
        if (index < length) return [source, ['services', index, ...rest]];
        index -= length;
      }
    }
    const owner = NAMED_SECTIONS.some((name) => name === section)
      ? others.find((source) => fieldOf(fieldOf(source.value, String(section)), String(key)) !== undefined)
      : undefined;
    const inMain = fieldOf(fieldOf(main.value, String(section)), String(key)) !== undefined;
    return [inMain ? main : (owner ?? main), path];
  }
}

/** The main file's values, with lists that are joined and sections that are united; what is no such thing is left out. */
function mergeValues(values: readonly unknown[]): Readonly<Record<string, unknown>> {
  const [main] = values;
  const merged: Record<string, unknown> = isMapping(main) ? { ...main } : {};
  if (values.length === 1) return merged;
  merged.services = values.flatMap((value) => listOf(fieldOf(value, 'services')));
  for (const name of NAMED_SECTIONS) {
    const sections = values.map((value) => fieldOf(value, name)).filter(isMapping);
    merged[name] = Object.fromEntries(sections.toReversed().flatMap((section) => Object.entries(section)));
  }
  return merged;
}
