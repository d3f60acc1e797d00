import type { Milliseconds } from '../../../../model/unit.ts';
import type { TrackScript } from '../../../../model/vrrp.ts';
import type { ProblemLog } from '../../problem-log.ts';
import { Settings } from '../../settings.ts';
import type { Statement } from '../../statement.ts';
import { INT_MAX, number, present, timer } from '../../value.ts';
import type { BuildContext } from '../build-context.ts';
import { scriptCommand, userOf } from '../script-command.ts';
import type { NamedWeight } from './vrrp-context.ts';
import { blockName, weightOf } from './vrrp-value.ts';

/** A `vrrp_script` with what only its `weight` can say. */
export interface VrrpScript extends TrackScript {
  readonly reverse: boolean;
}

/** The `vrrp_script` blocks (keepalived's vrrp_data.c, alloc_vrrp_script). */
export function vrrpScripts(statements: readonly Statement[], context: BuildContext): VrrpScript[] {
  const { log } = context;
  const scripts: VrrpScript[] = [];
  for (const statement of statements) {
    const taken = (name: string) => scripts.some((script) => script.name === name);
    const name = blockName(statement, taken, log);
    const settings = new Settings(statement.body ?? [], log);
    const script = settings.last('script');
    if (script === undefined) log.error(statement.keyword.place, 'vrrp_script misses its script');
    const user = settings.last('user');
    const scriptUser =
      user === undefined ? context.scriptUser : userOf(user.values, context.environment, log);
    const command = scriptCommand(script, { ...context, scriptUser });
    const interval = timeOf(settings.last('interval'), log) ?? (1000 as Milliseconds);
    // keepalived takes the interval where there is no timeout (vrrp_scheduler.c, vrrp_script_thread).
    const timeout = timeOf(settings.last('timeout'), log) ?? interval;
    const given = settings.last('weight');
    const { weight, reverse } = (given && weightOf(given.values, given, log)) ?? {
      weight: 0,
      reverse: false,
    };
    const rise = number(settings.last('rise'), 1, INT_MAX, log) ?? 1;
    const fall = number(settings.last('fall'), 1, INT_MAX, log) ?? 1;
    const initFail = present(settings.last('init_fail'), log);
    if (name === undefined || command === undefined) continue;
    scripts.push({ name, command, interval, timeout, weight, rise, fall, initFail, reverse });
  }
  return scripts;
}

/** The `vrrp_track_process` blocks, by name. */
export function trackProcesses(
  statements: readonly Statement[],
  log: ProblemLog,
): Map<string, NamedWeight & { readonly process: string }> {
  const processes = new Map<string, NamedWeight & { readonly process: string }>();
  for (const statement of statements) {
    const name = blockName(statement, (taken) => processes.has(taken), log);
    const settings = new Settings(statement.body ?? [], log);
    const process = settings.first('process');
    const [word, parameter] = process?.values ?? [];
    if (word === undefined) log.error(statement.keyword.place, 'vrrp_track_process misses its process');
    if (parameter !== undefined) {
      log.warn(parameter.place, 'the parameters of a process are not looked at');
    }
    const given = settings.first('weight');
    const { weight, reverse } = (given && weightOf(given.values, given, log)) ?? {
      weight: 0,
      reverse: false,
    };
    if (name !== undefined && word !== undefined)
      processes.set(name, { process: word.text, weight, reverse });
  }
  return processes;
}

/** 0 becomes a second, as by keepalived. */
function timeOf(statement: Statement | undefined, log: ProblemLog): Milliseconds | undefined {
  const time = timer(statement, 0, log);
  if (time !== 0 || statement === undefined) return time;
  log.warn(statement.keyword.place, `${statement.keyword.text} 0 becomes 1, as by keepalived`);
  return 1000 as Milliseconds;
}
