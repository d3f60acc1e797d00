import type { Monitoring } from '../model/monitoring.ts';
import { hostPort, type Service, serviceFamily, serviceKey } from '../model/service.ts';
import type { Table, Timeouts } from '../model/table.ts';
import type { Config, EbpfSettings, MarkRuleSettings } from './config.ts';
import { formatCommand } from './format-check.ts';
import { formatDestinationFields } from './format-destination.ts';
import { formatMonitoring } from './format-monitoring.ts';
import { formatSync, formatVrrp } from './format-vrrp.ts';
import { flow, lines, scalar, type Writable } from './yaml-text.ts';

/** A configuration, of which all but the table may be missing. */
export type WritableConfig = Pick<Config, 'table'> & Partial<Omit<Config, 'table' | 'warnings' | 'source'>>;

type Mapping = Readonly<Record<string, Writable | undefined>>;

/**
 * A configuration as the text of a vipr.yaml: `parseConfig` reads the same from it. What has its default is left out, and everything is
 * written where it is used: without groups, named checks and other files. `comment` is put at the top, a line for each of its lines.
 * Entries that no vipr.yaml can hold are written all the same: reading the text tells them.
 */
export function formatConfig(config: WritableConfig, comment: readonly string[] = []): string {
  const { services, timeouts } = config.table;
  const text = [
    ...comment.map((line) => `# ${line}`.trimEnd()),
    ...lines(formatSettings(config)),
    ...lines({ timeouts: formatTimeouts(timeouts) }),
    ...(config.vrrp === undefined ? [] : formatVrrp(config.vrrp)),
    ...(config.sync === undefined ? [] : formatSync(config.sync)),
    ...(services.length === 0
      ? ['services: []']
      : ['services:', ...services.flatMap((service) => formatService(service, config.monitoring))]),
  ];
  return `${text.join('\n')}\n`;
}

/** A live table comes with what was added last at the head; a file is in the order of additions. */
export function inFileOrder(table: Table): Table {
  return { ...table, services: [...table.services].reverse() };
}

function formatSettings(config: WritableConfig): Mapping {
  const {
    engine = 'auto',
    workers,
    relay = {},
    ebpf = {},
    drift = 'report',
    logging = {},
    api,
    notify,
    scriptSecurity = 'warn',
  } = config;
  const fifos = notify?.fifos ?? [];
  return {
    ...(engine !== 'auto' && { engine }),
    workers,
    relay: unlessEmpty({ 'retry-refused': relay.retryRefused, 'connect-timeout': relay.connectTimeout }),
    ebpf: unlessEmpty(formatEbpf(ebpf)),
    ...(drift !== 'report' && { drift }),
    logging: unlessEmpty({ level: logging.level, format: logging.format }),
    ...(api !== undefined && {
      api: {
        listen: hostPort(api.address, api.port),
        'token-file': api.tokenFile,
        tls: api.tls && { ...api.tls },
      },
    }),
    ...(fifos.length > 0 && {
      notify: {
        fifos: fifos.map(({ path, reader }) => ({ path, reader: reader && formatCommand(reader) })),
      },
    }),
    ...(scriptSecurity !== 'warn' && { 'script-security': scriptSecurity }),
  };
}

function formatEbpf(ebpf: EbpfSettings): Mapping {
  const { attach, interfaces, connections, services, destinations, sysctls, marks } = ebpf;
  return {
    attach,
    interfaces,
    connections,
    services,
    destinations,
    sysctl: sysctls && unlessEmpty({ ...sysctls, sync_threshold: sysctls.sync_threshold?.join(' ') }),
    marks: marks?.map(formatRule),
  };
}

function formatRule({
  mark,
  protocol,
  address,
  prefixLength,
  firstPort,
  lastPort,
}: MarkRuleSettings): Mapping {
  const ports = firstPort === lastPort ? firstPort : `${firstPort}-${lastPort}`;
  const all = firstPort === 0 && lastPort === 65535;
  return { mark, protocol, address: `${address}/${prefixLength}`, ports: all ? undefined : ports };
}

/** 0 keeps a timeout, and is not written. */
function formatTimeouts(timeouts: Timeouts): Mapping | undefined {
  const given = (['tcp', 'tcpfin', 'udp'] as const).filter((name) => timeouts[name] !== 0);
  return unlessEmpty(Object.fromEntries(given.map((name) => [name, timeouts[name]])));
}

function formatService(service: Service, monitoring: Monitoring | undefined): string[] {
  const { id, scheduler, onePacket, destinations } = service;
  const watched = monitoring?.get(serviceKey(id));
  const formatted = watched && formatMonitoring(service, watched);
  const flags = flagNames(service);
  const members = destinations.map(
    (destination, index) =>
      `      - ${flow({ ...formatDestinationFields(destination), ...formatted?.destinations[index] })}`,
  );
  return [
    `  - service: ${serviceKey(id)}`,
    `    scheduler: ${scalar(scheduler)}`,
    ...lines({ ...(flags.length > 0 && { flags }), persistence: formatPersistence(service) }, 4),
    ...(onePacket ? ['    one-packet: true'] : []),
    ...lines(formatted?.service ?? {}, 4),
    ...(members.length > 0 ? ['    destinations:'] : []),
    ...members.reverse(),
  ];
}

function flagNames({ scheduler, schedulerFlags: { flag1, flag2, flag3 } }: Service): string[] {
  const named = scheduler === 'sh' || scheduler === 'mh';
  return [
    ...(flag1 ? [named ? `${scheduler}-fallback` : 'flag-1'] : []),
    ...(flag2 ? [named ? `${scheduler}-port` : 'flag-2'] : []),
    ...(flag3 ? ['flag-3'] : []),
  ];
}

function formatPersistence(service: Service): Mapping | undefined {
  const { persistenceTimeout, persistenceNetmask, persistenceEngine } = service;
  const host = serviceFamily(service.id) === 'inet6' ? 128 : '255.255.255.255';
  const kept = {
    ...(persistenceNetmask !== host && { netmask: persistenceNetmask }),
    ...(persistenceEngine && { engine: persistenceEngine }),
  };
  if (persistenceTimeout === undefined && Object.keys(kept).length === 0) return undefined;
  return {
    ...(persistenceTimeout === undefined ? { active: false } : { timeout: persistenceTimeout }),
    ...kept,
  };
}

function unlessEmpty(mapping: Mapping): Mapping | undefined {
  return Object.values(mapping).some((value) => value !== undefined) ? mapping : undefined;
}
