import type { Milliseconds } from '../../../../model/unit.ts';
import { oneWord, shown } from '../../value.ts';
import { fileFactor } from '../track-file.ts';
import type { CheckBuilder } from './check-context.ts';

/** How often the file is read. keepalived is told of changes by inotify(7). */
const INTERVAL = 1000 as Milliseconds;
const TIMEOUT = 1000 as Milliseconds;

/** FILE_CHECK (keepalived's check_file.c): the weight of the checker, else that of the track_file. */
export const fileCheck: CheckBuilder = (statement, settings, context) => {
  const { log, trackFiles, logAllFailures } = context;
  const factor = fileFactor(settings.last('weight'), log);
  const named = settings.last('track_file');
  const word = named && oneWord(named, log);
  if (named === undefined) log.error(statement.keyword.place, 'FILE_CHECK misses its track_file');
  if (word === undefined) return [];
  const file = trackFiles.get(word.text);
  if (file === undefined) {
    log.error(word, `there is no track_file ${shown(word.text)}`);
    return [];
  }
  return [
    {
      probe: { kind: 'file', path: file.path, factor: factor ?? file.factor },
      endpoint: {},
      timing: {
        interval: INTERVAL,
        timeout: TIMEOUT,
        retry: 0,
        retryDelay: 0 as Milliseconds,
        warmup: 0 as Milliseconds,
        rise: 1,
        fall: 1,
        // keepalived reads the file before anything else, also in alpha mode.
        alpha: false,
        logAllFailures,
      },
    },
  ];
};
