import type { ProblemLog } from '../problem-log.ts';
import { Settings } from '../settings.ts';
import { endOf, type Statement } from '../statement.ts';
import { shown, text, wholeNumber } from '../value.ts';

/** A file with a number that real servers' weights follow. */
export interface TrackFile {
  readonly path: string;
  /** What the number is multiplied with. */
  readonly factor: number;
}

/** Weights of track files (keepalived/trackers/track_file.c); those of FILE_CHECK may be larger there, but not here. */
const LARGEST_FACTOR = 254;

/** The `track_file` blocks, by name. */
export function trackFiles(statements: readonly Statement[], log: ProblemLog): Map<string, TrackFile> {
  const files = new Map<string, TrackFile>();
  for (const statement of statements) {
    const { keyword, values, body = [] } = statement;
    const [name, extra] = values;
    const settings = new Settings(body, log);
    const path = text(settings.first('file'), log);
    const factor = fileFactor(settings.last('weight'), log) ?? 1;
    if (extra !== undefined)
      log.warn(extra.place, `${shown(extra.text)} has no meaning after ${keyword.text}`);
    if (name === undefined) log.error(endOf(statement), `${keyword.text} misses its name`);
    else if (path === undefined) log.error(keyword.place, `the track_file ${name.text} misses its file`);
    else if (files.has(name.text)) log.error(name, `the track_file ${name.text} is already given`);
    else files.set(name.text, { path, factor });
  }
  return files;
}

/** `weight NUMBER [reverse]`. */
export function fileFactor(statement: Statement | undefined, log: ProblemLog): number | undefined {
  if (statement === undefined) return undefined;
  const [word, direction, extra] = statement.values;
  if (word === undefined) {
    log.error(endOf(statement), 'weight misses its value');
    return undefined;
  }
  if (extra !== undefined) log.warn(extra.place, `${shown(extra.text)} has no meaning after weight`);
  if (direction !== undefined && direction.text !== 'reverse' && direction.text !== 'noreverse') {
    log.error(direction, `must be reverse or noreverse, not ${shown(direction.text)}`);
  }
  const factor = wholeNumber(word, -LARGEST_FACTOR, LARGEST_FACTOR, log);
  if (factor === undefined) return undefined;
  return direction?.text === 'reverse' ? 0 - factor : factor;
}
