import { buildEbpf } from './build-ebpf.ts';
import { buildMonitoring, hasMonitoring } from './build-monitoring.ts';
import { buildTable } from './build-table.ts';
import { buildSync, buildVrrp } from './build-vrrp.ts';
import type { ApiSettings, Config } from './config.ts';
import { isMapping, listOf } from './config-layout.ts';
import { ConfigInvalidError } from './config-problem.ts';
import { configSchema, includedSchema, type ParsedConfig } from './config-schema.ts';
import type { Environment } from './environment-reference.ts';
import { findBrokenRules } from './find-broken-rules.ts';
import { findProblems } from './find-problems.ts';
import { MergedSource } from './merged-source.ts';
import { readConfigFiles } from './read-config-files.ts';
import { resolveServices } from './resolve-services.ts';

/**
 * The configuration that the text of a vipr.yaml says, with the files that it includes; `file` is how errors name it, and what
 * names of other files are relative to. Throws {@link ConfigInvalidError}.
 */
export function parseConfig(text: string, file: string, environment: Environment = process.env): Config {
  const sources = readConfigFiles(text, file, environment);
  const source = new MergedSource(sources, file);
  const results = sources.map(({ value }, index) =>
    (index === 0 ? configSchema : includedSchema).safeParse(value ?? {}),
  );
  const problems = sources.flatMap((one, index) =>
    findProblems(one, results[index]?.error?.issues ?? [], index > 0),
  );
  problems.push(...findBrokenRules(source, sources));
  const [main, ...included] = results.map(({ data }) => data);
  if (problems.length > 0 || main === undefined) throw new ConfigInvalidError(problems);
  return build(merge(main as ParsedConfig, included), source);
}

function build(given: ParsedConfig, source: MergedSource): Config {
  const { engine, workers, relay, drift, notify, logging } = given;
  const { 'retry-refused': retryRefused, 'connect-timeout': connectTimeout } = relay;
  const { layout, value } = source.reading;
  const services = resolveServices(layout, given);
  const written = listOf(value.services);
  const watched = (index: number) => {
    const { path, destinations } = layout[index] ?? {};
    const service = written[Number(path?.[1])];
    return (
      (isMapping(service) && hasMonitoring('service', service)) ||
      (destinations ?? []).some((one) => isMapping(one.value) && hasMonitoring('destination', one.value))
    );
  };
  const vrrp = given.vrrp ? buildVrrp(given.vrrp) : undefined;
  return {
    engine,
    ...(workers !== undefined && { workers }),
    relay: {
      ...(retryRefused !== undefined && { retryRefused }),
      ...(connectTimeout !== undefined && { connectTimeout }),
    },
    ebpf: buildEbpf(given.ebpf),
    drift,
    table: buildTable(services, given.timeouts),
    monitoring: buildMonitoring(services, watched, given),
    notify: {
      fifos: notify.fifos.map(({ path, reader }) => ({ path, ...(reader !== undefined && { reader }) })),
    },
    scriptSecurity: given['script-security'],
    ...(given.api && { api: buildApi(given.api) }),
    logging: {
      ...(logging.level !== undefined && { level: logging.level }),
      ...(logging.format !== undefined && { format: logging.format }),
    },
    ...(vrrp !== undefined && { vrrp }),
    ...(given.sync !== undefined && { sync: buildSync(given.sync, vrrp?.instances ?? []) }),
    warnings: [],
    source,
  };
}

function buildApi(given: NonNullable<ParsedConfig['api']>): ApiSettings {
  const { listen, tls, 'token-file': tokenFile } = given;
  return { ...listen, ...(tokenFile !== undefined && { tokenFile }), ...(tls !== undefined && { tls }) };
}

type Included = Partial<Pick<ParsedConfig, 'timeouts' | 'checks' | 'groups' | 'services'>>;

function merge(main: ParsedConfig, included: readonly (Included | undefined)[]): ParsedConfig {
  if (included.length === 0) return main;
  const all: readonly Included[] = [main, ...included.map((one) => one ?? {})];
  return {
    ...main,
    services: all.flatMap(({ services }) => services ?? []),
    timeouts: Object.assign({}, ...all.map(({ timeouts }) => timeouts)) as ParsedConfig['timeouts'],
    checks: Object.assign({}, ...all.map(({ checks }) => checks)) as ParsedConfig['checks'],
    groups: Object.assign({}, ...all.map(({ groups }) => groups)) as ParsedConfig['groups'],
  };
}
