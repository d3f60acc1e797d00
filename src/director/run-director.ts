import { resolve } from 'node:path';
import type { Logger } from 'pino';
import { closeApiServer, createApiServer } from '../api/server.ts';
import type { AttachChoice, Config, EngineChoice } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import type { LogLevel } from '../config/log-level.ts';
import type { ViprError } from '../model/error.ts';
import { configurationOf, refuseUnlessRehearsed } from './configuration.ts';
import { openControlSocket } from './control-socket.ts';
import { Director } from './director.ts';
import { DriftWatch } from './drift-watch.ts';
import { chooseEngine } from './engine-choice.ts';
import { loadEngine } from './engine-registry.ts';
import { createLogger } from './logger.ts';
import { ReloadSignal } from './reload-signal.ts';
import { StopSignals } from './stop-signals.ts';

export interface RunDirectorOptions {
  /** Goes before the configuration's. */
  readonly engine?: EngineChoice;
  readonly socket: string;
  readonly config?: string;
  /** Goes before the configuration's. */
  readonly workers?: number;
  /** Where the eBPF engine meets packets; goes before the configuration's. */
  readonly attach?: AttachChoice;
  /** Names and patterns of the eBPF engine's interfaces; they take the place of the configuration's. */
  readonly interfaces?: readonly string[];
  /** Where the eBPF engine pins its maps. */
  readonly bpfDirectory?: string;
  /** The eBPF engine's. */
  readonly instance?: string;
  /** Seconds. */
  readonly drain: number;
  readonly logLevel: LogLevel;
  /** vipr's own. */
  readonly version: string;
}

/**
 * Runs a director until a signal ends it; where its engine fails, that is thrown. Throws, with nothing left running,
 * where it cannot start: CONFIG_INVALID, CONFIG_UNREADABLE, DIRECTOR_RUNNING, PERMISSION_DENIED, USAGE.
 */
export async function runDirector(options: RunDirectorOptions): Promise<void> {
  const logger = createLogger(options.logLevel);
  const config = options.config === undefined ? undefined : await loadConfig(options.config);
  const definition = await chooseDefinition(options, config);
  if (config !== undefined) await refuseUnlessRehearsed(config, definition.engine);
  const failure = Promise.withResolvers<ViprError>();
  const workers = options.workers ?? config?.workers;
  const engine = await definition.engine.start({
    ...(workers !== undefined && { workers }),
    ...config?.relay,
    ebpf: ebpfOptions(options, config),
    info: (text) => logger.info(text),
    warn: (text) => logger.warn(text),
    failed: failure.resolve,
  });
  const director = new Director(
    {
      engineReason: definition.reason,
      version: options.version,
      ...(options.config !== undefined && { configFile: resolve(options.config) }),
    },
    {
      engine,
      logger,
      ...(config !== undefined && { configuration: configurationOf(config, definition.engine) }),
    },
  );
  const signals = new StopSignals();
  const reload = new ReloadSignal(logger);
  try {
    await serve(director, config, options, logger, { signals, reload, failure: failure.promise });
  } finally {
    signals.dispose();
    reload.dispose();
    await director.close(0);
  }
}

function ebpfOptions({ attach, interfaces, bpfDirectory, instance }: RunDirectorOptions, config?: Config) {
  return {
    ...config?.ebpf,
    ...(attach !== undefined && { attach }),
    ...(interfaces !== undefined && { interfaces }),
    bpfDirectory,
    instance,
  };
}

async function chooseDefinition({ engine }: RunDirectorOptions, config: Config | undefined) {
  const { name, reason } =
    engine === undefined
      ? await chooseEngine(config?.engine ?? 'auto', config?.source.file ?? 'default')
      : await chooseEngine(engine, '--engine');
  return { engine: await loadEngine(name), reason };
}

/** What happens to a director from outside. */
interface Events {
  readonly signals: StopSignals;
  readonly reload: ReloadSignal;
  readonly failure: Promise<ViprError>;
}

async function serve(
  director: Director,
  config: Config | undefined,
  { socket, drain }: RunDirectorOptions,
  logger: Logger,
  { signals, reload, failure }: Events,
): Promise<void> {
  const drift = new DriftWatch(() => director.checkDrift(), { logger, now: () => performance.now() });
  const api = await createApiServer(director, { onFailure: (error) => logger.error({ err: error }, 'API') });
  try {
    await openControlSocket(api.server, socket);
    if (config !== undefined) await director.start(config.table, config.drift);
    reload.begin(director);
    const { name } = await director.info();
    logger.info(`engine ${name} (${director.describe().engineReason}), control socket ${socket}`);
    const end = await Promise.race([signals.first, failure]);
    drift.dispose();
    if (typeof end !== 'string') throw end;
    logger.info(`${end}: connections may go on for ${drain} s; a second signal ends them at once`);
    const drained = Promise.all([closeApiServer(api), director.close(drain * 1000)]);
    await Promise.race([drained, signals.second.then(() => director.close(0))]);
    logger.info('ended');
  } finally {
    drift.dispose();
    await closeApiServer(api);
  }
}
