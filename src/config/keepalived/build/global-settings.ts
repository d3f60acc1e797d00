import type { NotifyFifo, NotifySettings } from '../../../model/monitoring.ts';
import type { ScriptSecurity } from '../../../model/script-security.ts';
import type { Timeouts } from '../../../model/table.ts';
import type { Seconds } from '../../../model/unit.ts';
import { INCLUDE_CHECK_WORDS } from '../include-check.ts';
import type { KeepalivedEnvironment } from '../keepalived-environment.ts';
import type { ProblemLog } from '../problem-log.ts';
import type { Settings } from '../settings.ts';
import { endOf, type Statement } from '../statement.ts';
import { flag, noMore, present, shown, wholeNumber } from '../value.ts';
import type { Word } from '../word.ts';
import type { ScriptUser } from './build-context.ts';
import { scriptCommand, userOf } from './script-command.ts';

/** What `global_defs` says that vipr does. */
export interface GlobalSettings {
  readonly scriptUser: ScriptUser;
  readonly logAllFailures: boolean;
  readonly timeouts: Timeouts;
  readonly notify: NotifySettings;
  /** Pipes that are told of changes of VRRP. */
  readonly vrrpFifos: readonly NotifyFifo[];
  readonly scriptSecurity: ScriptSecurity;
}

/** The user that scripts run as where it is there and the file names none (keepalived's core/notify.c). */
const SCRIPT_USER = 'keepalived_script';
/** 31 days: keepalived's global_data.h, LVS_MAX_TIMEOUT. */
const LONGEST_TIMEOUT = 86_400 * 31;
const TIMEOUT_NAMES: readonly string[] = ['tcp', 'tcpfin', 'udp'];

export function globalSettings(
  settings: Settings,
  environment: KeepalivedEnvironment,
  log: ProblemLog,
): GlobalSettings {
  for (const { values } of settings.all('include_check')) {
    for (const word of values) checkIncludeWord(word, log);
  }
  const scriptUser = defaultUser(settings.last('script_user'), environment, log);
  const fifos = fifosOf(settings, { environment, log, scriptUser });
  const all = fifos('notify_fifo');
  return {
    scriptUser,
    logAllFailures: flag(settings.last('checker_log_all_failures'), log) ?? false,
    timeouts: timeouts(settings.all('lvs_timeouts'), log),
    notify: { fifos: [...all, ...fifos('lvs_notify_fifo')] },
    vrrpFifos: [...all, ...fifos('vrrp_notify_fifo')],
    scriptSecurity: present(settings.last('enable_script_security'), log) ? 'refuse' : 'warn',
  };
}

/** What the words do happens where they are read, as it counts for the lines behind them. */
function checkIncludeWord(word: Word, log: ProblemLog): void {
  const name = word.text.replace(/^[+-]/, '');
  if (Object.hasOwn(INCLUDE_CHECK_WORDS, name)) return;
  log.error(
    word,
    `must be read, match, wildcard_match or brace_match, with + or - before it, not ${shown(word.text)}`,
  );
}

function defaultUser(
  statement: Statement | undefined,
  environment: KeepalivedEnvironment,
  log: ProblemLog,
): ScriptUser {
  if (statement === undefined) return environment.userExists(SCRIPT_USER) ? { user: SCRIPT_USER } : {};
  if (statement.values.length === 0) log.error(endOf(statement), 'script_user misses the user');
  return userOf(statement.values, environment, log);
}

/** `lvs_timeouts [tcp N] [tcpfin N] [udp N]`; what is not given stays as it is. */
function timeouts(statements: readonly Statement[], log: ProblemLog): Timeouts {
  const found: Record<string, number> = {};
  for (const statement of statements) {
    if (statement.values.length === 0) {
      log.error(endOf(statement), 'lvs_timeouts misses a timeout: tcp, tcpfin or udp, and seconds');
    }
    for (let at = 0; at < statement.values.length; at += 2) {
      const [name, value] = statement.values.slice(at);
      if (name === undefined || !TIMEOUT_NAMES.includes(name.text)) {
        log.error(
          name?.place ?? endOf(statement),
          `must be tcp, tcpfin or udp, not ${shown(name?.text ?? '')}`,
        );
        break;
      }
      if (value === undefined) log.error(endOf(statement), `${name.text} misses its seconds`);
      else found[name.text] = wholeNumber(value, 0, LONGEST_TIMEOUT, log) ?? 0;
    }
  }
  const { tcp = 0, tcpfin = 0, udp = 0 } = found;
  return { tcp: tcp as Seconds, tcpfin: tcpfin as Seconds, udp: udp as Seconds };
}

/** Reads a FIFO by its keyword; none has the path of another one. */
function fifosOf(
  settings: Settings,
  context: {
    readonly environment: KeepalivedEnvironment;
    readonly log: ProblemLog;
    readonly scriptUser: ScriptUser;
  },
): (name: string) => NotifyFifo[] {
  const { log } = context;
  const found: string[] = [];
  return (name) => {
    const fifo = settings.first(name);
    const script = settings.first(`${name}_script`);
    const reader = scriptCommand(script, context);
    if (fifo === undefined) {
      if (script !== undefined)
        log.warn(script.keyword.place, `${name}_script has no effect without ${name}`);
      return [];
    }
    const [path, owner] = fifo.values;
    if (path === undefined) {
      log.error(endOf(fifo), `${name} misses its path`);
      return [];
    }
    if (owner !== undefined)
      log.warn(owner.place, 'the owner of a FIFO is not set: it is the one of the director');
    noMore(fifo, 3, log);
    if (found.includes(path.text)) log.error(path.place, `${shown(path.text)} is already the other FIFO`);
    found.push(path.text);
    return [{ path: path.text, ...(reader !== undefined && { reader }) }];
  };
}
