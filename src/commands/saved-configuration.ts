import { ConfigInvalidError, type ConfigProblem } from '../config/config-problem.ts';
import { inFileOrder } from '../config/format-config.ts';
import { parseConfig } from '../config/load-config.ts';
import type { SyncDaemon } from '../model/daemon.ts';
import { ViprError } from '../model/error.ts';
import { serviceKey } from '../model/service.ts';
import type { Table } from '../model/table.ts';

/**
 * What `vipr save` writes of a director's configuration, in which the wanted table is. Throws CONFIG_INVALID where the table holds what no
 * vipr.yaml can: nothing is left out silently.
 */
export function savedConfiguration(
  configuration: string,
  wanted: Table,
  engine: string,
  running: readonly SyncDaemon[] = [],
): string {
  try {
    const { sync } = parseConfig(configuration, 'saved');
    // The director sees to it that those of a configuration that has daemons are the only ones.
    const daemons = sync === undefined ? running.map(({ role }) => role).join(' and ') : '';
    const comment = [
      `The table of a director with the engine ${engine}, written by vipr save.`,
      ...(daemons === '' ? [] : [`Not in it: the synchronisation daemon (${daemons}) that runs.`]),
    ];
    return `${comment.map((line) => `# ${line}\n`).join('')}${configuration}`;
  } catch (error) {
    if (error instanceof ConfigInvalidError) throw unspeakable(error.problems, inFileOrder(wanted));
    throw error;
  }
}

function unspeakable(problems: readonly ConfigProblem[], { services }: Table): ViprError {
  const lines = problems.map(({ path, message }) => {
    const [, index, field = ''] = /^services\[(\d+)\]\.?(.*)$/.exec(path) ?? [];
    const service = services[Number(index)];
    return `${service === undefined ? path : `${serviceKey(service.id)}: ${field}`}: ${message}`;
  });
  return new ViprError('CONFIG_INVALID', `The table holds what no vipr.yaml can:\n${lines.join('\n')}`, {
    hint: 'Nothing was written. Such entries come through the API alone: change them, or keep the answer of GET /v1/table.',
  });
}
