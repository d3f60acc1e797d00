import type { Config } from '../config/config.ts';
import type { ScriptCommand } from '../model/script-command.ts';

/** Every program that a configuration names: of checks, of VRRP, of what tells of changes, and of readers of named pipes. */
export function* scriptsOf({
  monitoring,
  notify,
  vrrp,
}: Pick<Config, 'monitoring' | 'notify' | 'vrrp'>): Iterable<ScriptCommand> {
  for (const service of monitoring.values()) {
    yield* given([service.quorumUp, service.quorumDown]);
    for (const { checks, notifyUp, notifyDown } of service.destinations.values()) {
      yield* given([notifyUp, notifyDown]);
      for (const { probe } of checks) if (probe.kind === 'misc') yield probe.command;
    }
  }
  yield* given([...notify.fifos, ...(vrrp?.fifos ?? [])].map(({ reader }) => reader));
  for (const { notify: told } of [...(vrrp?.instances ?? []), ...(vrrp?.groups ?? [])])
    yield* given([told.master, told.backup, told.fault, told.stop, told.any]);
  yield* (vrrp?.scripts ?? []).map(({ command }) => command);
}

function given(commands: readonly (ScriptCommand | undefined)[]): readonly ScriptCommand[] {
  return commands.filter((command) => command !== undefined);
}
