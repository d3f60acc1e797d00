import type { Config } from '../config/config.ts';
import type { ConfigPath, ConfigProblem } from '../config/config-problem.ts';
import { nearest } from '../config/nearest.ts';
import { MemoryEngine } from '../engines/memory/memory-engine.ts';
import { diffTables } from '../model/diff.ts';
import { ViprError } from '../model/error.ts';
import type { Operation } from '../model/operation.ts';
import { DEFAULT_TIMEOUTS } from '../model/table.ts';
import type { EngineDefinition } from './engine-registry.ts';
import { wantedDaemon } from './sync/wanted-daemons.ts';

/**
 * Tries a configuration out on a table without traffic, and asks the engine what it cannot do. Returns everything that
 * would be refused, with its place in the file; whether addresses are free and local shows only when the engine runs.
 */
export async function rehearse(
  { table, sync = [], source }: Config,
  engine: Pick<EngineDefinition, 'refuse' | 'capabilities'>,
): Promise<ConfigProblem[]> {
  const operations = diffTables({ services: [], timeouts: DEFAULT_TIMEOUTS }, table);
  const outcomes = await new MemoryEngine().execute(operations);
  const paths = pathsOf(operations);
  const refused = operations.flatMap((operation, index): ConfigProblem[] => {
    const error = refusalBy(engine, operation) ?? outcomes[index];
    // A destination without its service: the service's own refusal tells why.
    if (error === undefined || error.code === 'SERVICE_NOT_FOUND') return [];
    const path = [...(paths[index] ?? []), ...fieldOf(operation, error, engine)];
    return [source.problem(path, messageOf(operation, error, engine))];
  });
  return [...refused, ...refusedDaemons(sync, source, engine)];
}

/** Whether there are the interfaces shows only when the engine runs. */
function refusedDaemons(
  sync: NonNullable<Config['sync']>,
  source: Config['source'],
  engine: Pick<EngineDefinition, 'refuse'>,
): ConfigProblem[] {
  return sync.flatMap((settings, index) => {
    const daemon = wantedDaemon(settings, () => 'backup');
    const error = refusalBy(engine, { kind: 'start-daemon', daemon });
    return error === undefined ? [] : [source.problem(['sync', index], error.message)];
  });
}

/** Where in the file each operation comes from: `diffTables` keeps the order of services, and adds destinations as given. */
function pathsOf(operations: readonly Operation[]): ConfigPath[] {
  let service = -1;
  let destination = -1;
  return operations.map(({ kind }) => {
    if (kind === 'set-timeouts') return ['timeouts'];
    if (kind === 'add-service') {
      service += 1;
      destination = -1;
      return ['services', service];
    }
    destination += 1;
    return ['services', service, 'destinations', destination];
  });
}

function refusalBy(
  { refuse }: Pick<EngineDefinition, 'refuse'>,
  operation: Operation,
): ViprError | undefined {
  try {
    refuse(operation);
    return undefined;
  } catch (error) {
    if (error instanceof ViprError) return error;
    throw error;
  }
}

/** The field of a service or destination that a refusal is about. */
function fieldOf(
  operation: Operation,
  { code }: ViprError,
  { capabilities }: Pick<EngineDefinition, 'capabilities'>,
): ConfigPath {
  if (operation.kind === 'add-destination') {
    const unreachable = !capabilities.forwarding.includes(operation.destination.forwarding);
    return code === 'NOT_SUPPORTED_BY_ENGINE' && unreachable ? ['method'] : ['address'];
  }
  if (operation.kind !== 'add-service') return [];
  const { persistenceEngine } = operation.settings;
  const unknownEngine =
    persistenceEngine !== undefined && !capabilities.persistenceEngines.includes(persistenceEngine);
  if (code === 'SCHEDULER_NOT_FOUND') return ['scheduler'];
  if (code === 'PERSISTENCE_ENGINE_NOT_FOUND' || unknownEngine) return ['persistence', 'engine'];
  return ['service'];
}

function messageOf(
  operation: Operation,
  { code, message }: ViprError,
  { capabilities }: Pick<EngineDefinition, 'capabilities'>,
): string {
  if (code !== 'SCHEDULER_NOT_FOUND' || operation.kind !== 'add-service') return message;
  const { scheduler } = operation.settings;
  const meant = nearest(scheduler, capabilities.schedulers);
  const proposal =
    meant === undefined ? `there are ${capabilities.schedulers.join(', ')}` : `did you mean ${meant}?`;
  return `${scheduler} is not a scheduler; ${proposal}`;
}
