import { type ServiceKey, serviceKey } from '../../model/service.ts';
import type { Config } from '../config.ts';
import { type ConfigProblem, formatPath } from '../config-problem.ts';
import type { BuildContext } from './build/build-context.ts';
import { globalSettings } from './build/global-settings.ts';
import { serverGroups } from './build/server-group.ts';
import { type BuiltService, services } from './build/services.ts';
import { trackFiles } from './build/track-file.ts';
import { virtualServer } from './build/virtual-server.ts';
import { vrrpSettings } from './build/vrrp/vrrp-settings.ts';
import { ConfigLines } from './config-lines.ts';
import type { KeepalivedEnvironment } from './keepalived-environment.ts';
import { KeepalivedSource } from './keepalived-source.ts';
import { ROOT_KEYWORDS } from './keyword/root-keywords.ts';
import type { Place } from './place.ts';
import { ProblemLog } from './problem-log.ts';
import { readStatements } from './read-statements.ts';
import { Settings } from './settings.ts';
import { warnUnsupported } from './warn-unsupported.ts';

/** Services that groups may make of a file. */
const MOST_SERVICES = 65_536;

/**
 * The configuration that the text of a keepalived.conf says; `file` is how errors name it. What it says and vipr does not do is in
 * `warnings`. Throws `ConfigInvalidError` with everything that is wrong in it.
 */
export function parseKeepalivedConfig(
  text: string,
  file: string,
  environment: KeepalivedEnvironment,
): Config {
  const log = new ProblemLog();
  const statements = readStatements(new ConfigLines(text, file, environment, log), ROOT_KEYWORDS, log);
  warnUnsupported(statements, log);
  const blocks = new Settings(statements, log);
  const definitions = new Settings(
    blocks.all('global_defs').flatMap(({ body = [] }) => body),
    log,
  );
  const global = globalSettings(definitions, environment, log);
  const context: BuildContext = {
    log,
    environment,
    scriptUser: global.scriptUser,
    logAllFailures: global.logAllFailures,
    trackFiles: trackFiles([...blocks.all('track_file'), ...blocks.all('vrrp_track_file')], log),
    groups: serverGroups(blocks.all('virtual_server_group'), log),
  };
  const built = buildServices(blocks, context);
  const vrrpAndSync = vrrpSettings(blocks, definitions, global.vrrpFifos, context);
  log.throwErrors();
  const places = new Map<string, Place>();
  built.forEach((service, index) => {
    for (const [path, place] of service.places) places.set(formatPath(['services', index, ...path]), place);
  });
  const globals = blocks.all('global_defs').flatMap(({ body = [] }) => body);
  for (const [word, path] of PLACES_OF_GLOBALS) {
    const statement = globals.find(({ keyword }) => keyword.text === word);
    if (statement !== undefined) places.set(path, statement.keyword.place);
  }
  vrrpAndSync.vrrp?.instances.forEach(({ name }, index) => {
    const block = blocks.all('vrrp_instance').find(({ values }) => values[0]?.text === name);
    if (block !== undefined) places.set(formatPath(['vrrp', 'instances', index]), block.keyword.place);
  });
  return {
    engine: 'auto',
    relay: {},
    ebpf: {},
    drift: 'report',
    table: { services: built.map(({ service }) => service), timeouts: global.timeouts },
    monitoring: new Map(built.map(({ service, monitoring }) => [serviceKey(service.id), monitoring])),
    notify: global.notify,
    scriptSecurity: global.scriptSecurity,
    logging: {},
    ...vrrpAndSync,
    warnings: inFileOrder(log.warnings),
    source: new KeepalivedSource(file, places),
  };
}

/** Where the sections of a vipr.yaml are that definitions make. */
const PLACES_OF_GLOBALS = [
  ['lvs_timeouts', 'timeouts'],
  ['lvs_sync_daemon', 'sync'],
] as const;

function buildServices(blocks: Settings, context: BuildContext): BuiltService[] {
  const { log } = context;
  const built: BuiltService[] = [];
  const first = new Map<ServiceKey, Place>();
  for (const statement of blocks.all('virtual_server')) {
    const server = virtualServer(statement, context);
    if (server === undefined) continue;
    if (built.length + server.addresses.length > MOST_SERVICES) {
      log.error(server.place, `the groups of this file make more than ${MOST_SERVICES} services`);
      break;
    }
    for (const service of services(server, log)) {
      const key = serviceKey(service.service.id);
      const before = first.get(key);
      if (before === undefined) first.set(key, server.place);
      else log.error(server.place, `${key} is already given in line ${before.line}`);
      built.push(service);
    }
  }
  return built;
}

/** Files in the order of their first warning, and each of them in its own. */
function inFileOrder(warnings: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const files = [...new Set(warnings.map(({ file }) => file))];
  return warnings.toSorted(
    (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
  );
}
