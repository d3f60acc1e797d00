import type { Config } from '../config/config.ts';
import type { ScriptCommand } from '../model/script-command.ts';

/** Every program that a configuration names: of checks, of what tells of changes, and of readers of named pipes. */
export function* scriptsOf({
  monitoring,
  notify,
}: Pick<Config, 'monitoring' | 'notify'>): Iterable<ScriptCommand> {
  for (const service of monitoring.values()) {
    yield* given([service.quorumUp, service.quorumDown]);
    for (const { checks, notifyUp, notifyDown } of service.destinations.values()) {
      yield* given([notifyUp, notifyDown]);
      for (const { probe } of checks) if (probe.kind === 'misc') yield probe.command;
    }
  }
  yield* given(notify.fifos.map(({ reader }) => reader));
}

function given(commands: readonly (ScriptCommand | undefined)[]): readonly ScriptCommand[] {
  return commands.filter((command) => command !== undefined);
}
