import { resolve } from 'node:path';
import type { Logger } from 'pino';
import { closeApiServer, createApiServer } from '../api/server.ts';
import { listenTcp, type TcpListener } from '../api/tcp/tcp-listener.ts';
import type { AttachChoice, Config, EngineChoice, LogFormat } from '../config/config.ts';
import { formatProblem } from '../config/config-problem.ts';
import { loadConfig } from '../config/load-config.ts';
import type { LogLevel } from '../config/log-level.ts';
import type { ViprError } from '../model/error.ts';
import { describePeer } from '../system/peer-credentials.ts';
import { configurationOf, refuseUnlessRehearsed } from './configuration.ts';
import { openControlSocket } from './control-socket.ts';
import { createWatching } from './create-watching.ts';
import { Director } from './director.ts';
import { bootId } from './director-state.ts';
import { DirectorVrrp } from './director-vrrp.ts';
import { DriftWatch } from './drift-watch.ts';
import { chooseEngine } from './engine-choice.ts';
import { loadEngine } from './engine-registry.ts';
import { createLogger } from './logger.ts';
import { ReloadSignal } from './reload-signal.ts';
import { type ServiceManager, serviceManagerOf } from './service-manager.ts';
import { StateFile } from './state-file.ts';
import { StopSignals } from './stop-signals.ts';
import { DirectorSync } from './sync/director-sync.ts';

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
  /** Goes before the configuration's. */
  readonly logLevel?: LogLevel;
  /** Goes before the configuration's. */
  readonly logFormat?: LogFormat;
  /** vipr's own. */
  readonly version: string;
}

/**
 * Runs a director until a signal ends it; where its engine fails, that is thrown. Throws, with nothing left running,
 * where it cannot start: CONFIG_INVALID, CONFIG_UNREADABLE, DIRECTOR_RUNNING, PERMISSION_DENIED, USAGE.
 */
export async function runDirector(options: RunDirectorOptions): Promise<void> {
  const config = options.config === undefined ? undefined : await loadConfig(options.config);
  const level = options.logLevel ?? config?.logging.level ?? 'info';
  const logger = createLogger(level, options.logFormat ?? config?.logging.format);
  const manager = serviceManagerOf(process.env, logger);
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
  const watching = createWatching(logger, (event) => director.tell(event));
  const adopt = (read: Config) => {
    for (const warning of read.warnings) logger.warn(formatProblem(warning));
    if (options.logLevel === undefined) logger.level = read.logging.level ?? 'info';
    watching.adopt(read);
    sync.adopt(read);
    vrrp.adopt(read.vrrp);
  };
  const director: Director = new Director(
    {
      engineReason: definition.reason,
      version: options.version,
      ...(options.config !== undefined && { configFile: resolve(options.config) }),
    },
    {
      engine,
      logger,
      health: watching.health,
      manager,
      vrrp: () => vrrp.status(),
      sync: {
        status: (running) => sync.status(running),
        noteByHand: (operation) => sync.noteByHand(operation),
        checkDrift: (mode, engine, running) => sync.checkDrift(mode, engine, running),
      },
      state: new StateFile(
        `${options.socket}.state`,
        { engine: definition.engine.name, boot: bootId() },
        logger,
      ),
      ...(config !== undefined && { configuration: configurationOf(config, definition.engine, adopt) }),
    },
  );
  const vrrp: DirectorVrrp = new DirectorVrrp({
    logger,
    director,
    runScript: watching.runScript,
    tellFifos: (line) => watching.notifier.write(line),
    onState: () => sync.reconsider(),
  });
  const sync: DirectorSync = new DirectorSync({
    logger,
    director,
    vrrp,
    synchronisation: engine.synchronisation?.bind(engine),
  });
  const signals = new StopSignals();
  const reload = new ReloadSignal(logger);
  try {
    if (config !== undefined) adopt(config);
    await serve(director, config, options, logger, {
      signals,
      reload,
      manager,
      vrrp,
      sync,
      failure: failure.promise,
    });
  } finally {
    signals.dispose();
    reload.dispose();
    await sync.stop(vrrp.stop());
    await director.close(0);
    await watching.notifier.close();
    manager.dispose();
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
  readonly manager: ServiceManager;
  readonly vrrp: DirectorVrrp;
  readonly sync: DirectorSync;
  readonly failure: Promise<ViprError>;
}

async function serve(
  director: Director,
  config: Config | undefined,
  { socket, drain }: RunDirectorOptions,
  logger: Logger,
  { signals, reload, manager, vrrp, sync, failure }: Events,
): Promise<void> {
  const drift = new DriftWatch(() => director.checkDrift(), { logger, now: () => performance.now() });
  const onFailure = (error: unknown) => logger.error({ err: error }, 'API');
  const warn = (text: string) => logger.warn(text);
  const api = await createApiServer(director, { onFailure, peerOf: describePeer });
  let tcp: TcpListener | undefined;
  try {
    await openControlSocket(api.server, socket);
    if (config !== undefined) await director.start(config.table, config);
    else await director.restart();
    if (config?.api !== undefined) {
      tcp = await listenTcp(director, config.api, { onFailure, warn });
      reloadWith(director, tcp, logger);
    }
    reload.begin(director);
    const { name } = await director.info();
    const where = tcp === undefined ? `control socket ${socket}` : `control socket ${socket}, API ${tcp.url}`;
    logger.info(`engine ${name} (${director.describe().engineReason}), ${where}`);
    // Who has no table must not become master, nor who knows no connections take over from somebody who does.
    await sync.begin();
    await vrrp.begin();
    manager.ready(`engine ${name}`);
    const end = await Promise.race([signals.first, failure]);
    drift.dispose();
    if (typeof end !== 'string') throw end;
    manager.stopping(`${end}: connections may go on for ${drain} s`);
    logger.info(`${end}: connections may go on for ${drain} s; a second signal ends them at once`);
    // Others take over while connections go on here.
    await Promise.race([sync.stop(vrrp.stop()), signals.second]);
    const drained = Promise.all([closeApiServer(api), tcp?.close(), director.close(drain * 1000)]);
    await Promise.race([drained, signals.second.then(() => director.close(0))]);
    logger.info('ended');
  } finally {
    drift.dispose();
    await Promise.all([closeApiServer(api), tcp?.close()]);
  }
}

/** Has the API read its token and its certificate again when the configuration was; those that cannot be used change nothing. */
function reloadWith(director: Director, tcp: TcpListener, logger: Logger): void {
  director.onEvent(({ kind }) => {
    if (kind !== 'reload') return;
    tcp
      .reload()
      .catch((error: ViprError) => logger.error({ code: error.code, hint: error.hint }, error.message));
  });
}
