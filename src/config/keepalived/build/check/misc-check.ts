import type { Milliseconds } from '../../../../model/unit.ts';
import { quotedWords } from '../../quoted-words.ts';
import { endOf } from '../../statement.ts';
import { number, present } from '../../value.ts';
import { checkTiming } from '../check-timing.ts';
import { argumentsOf, userOf } from '../script-command.ts';
import type { CheckBuilder } from './check-context.ts';
import { noMoreQuoted } from './no-more-quoted.ts';

/** UINT_MAX microseconds. */
const LONGEST_TIMEOUT = 4294;

/** MISC_CHECK (keepalived's check_misc.c): its script may take as long as the virtual server's delay_loop unless misc_timeout is given. */
export const miscCheck: CheckBuilder = (statement, settings, context) => {
  const { log, environment, scriptUser, serviceDelayLoop } = context;
  const given = number(settings.last('misc_timeout'), 0, LONGEST_TIMEOUT, log) ?? 0;
  const timeout = given === 0 ? serviceDelayLoop : ((given * 1000) as Milliseconds);
  const dynamic = present(settings.last('misc_dynamic'), log);
  const timing = checkTiming(
    settings,
    context.timing,
    { retry: 0, delayBeforeRetry: 1000 as Milliseconds, timeout },
    context,
  );
  const user = settings.last('user');
  if (user?.values.length === 0) log.error(endOf(user), 'user misses the user');
  const owner = user === undefined ? scriptUser : userOf(user.values, environment, log);
  const path = settings.last('misc_path');
  if (path === undefined) {
    log.error(statement.keyword.place, 'MISC_CHECK misses its misc_path');
    return [];
  }
  const parts = quotedWords(path.line, false);
  if ('message' in parts) {
    log.error(parts.place, parts.message);
    return [];
  }
  const [, command, ...extra] = parts;
  if (command === undefined) {
    log.error(endOf(path), 'misc_path misses its program');
    return [];
  }
  noMoreQuoted(extra, 'misc_path', log);
  const argv = argumentsOf(command, log);
  if (argv === undefined) return [];
  return [{ probe: { kind: 'misc', command: { argv, ...owner }, dynamic }, endpoint: {}, timing }];
};
