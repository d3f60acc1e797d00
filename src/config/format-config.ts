import { type Destination, destinationKey, IPIP_TUNNEL } from '../model/destination.ts';
import { type Service, serviceFamily, serviceKey } from '../model/service.ts';
import type { Table, Timeouts } from '../model/table.ts';

/**
 * A table as the text of a vipr.yaml: `parseConfig` reads the same table from it. What has its default is left out. `comment` is put
 * at the top, a line for each of its lines. Entries that no vipr.yaml can hold are written all the same: reading the text tells them.
 */
export function formatConfig({ services, timeouts }: Table, comment: readonly string[] = []): string {
  const lines = [
    ...comment.map((line) => `# ${line}`.trimEnd()),
    ...formatTimeouts(timeouts),
    ...(services.length === 0 ? ['services: []'] : ['services:', ...services.flatMap(formatService)]),
  ];
  return `${lines.join('\n')}\n`;
}

/** A live table comes with what was added last at the head; a file is in the order of additions. */
export function inFileOrder(table: Table): Table {
  return { ...table, services: [...table.services].reverse() };
}

/** 0 keeps a timeout, and is not written. */
function formatTimeouts(timeouts: Timeouts): string[] {
  const given = (['tcp', 'tcpfin', 'udp'] as const).filter((name) => timeouts[name] !== 0);
  if (given.length === 0) return [];
  return [`timeouts: { ${given.map((name) => `${name}: ${timeouts[name]}`).join(', ')} }`];
}

function formatService(service: Service): string[] {
  const { id, scheduler, onePacket, destinations } = service;
  const flags = flagNames(service);
  return [
    `  - service: ${serviceKey(id)}`,
    `    scheduler: ${scalar(scheduler)}`,
    ...(flags.length > 0 ? [`    flags: [${flags.join(', ')}]`] : []),
    ...formatPersistence(service),
    ...(onePacket ? ['    one-packet: true'] : []),
    ...(destinations.length > 0 ? ['    destinations:'] : []),
    ...[...destinations].reverse().map(formatDestination),
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

function formatPersistence(service: Service): string[] {
  const { persistenceTimeout, persistenceNetmask, persistenceEngine } = service;
  const host = serviceFamily(service.id) === 'inet6' ? 128 : '255.255.255.255';
  const kept = [
    ...(persistenceNetmask === host ? [] : [`netmask: ${persistenceNetmask}`]),
    ...(persistenceEngine ? [`engine: ${scalar(persistenceEngine)}`] : []),
  ];
  if (persistenceTimeout === undefined && kept.length === 0) return [];
  const first = persistenceTimeout === undefined ? 'active: false' : `timeout: ${persistenceTimeout}`;
  return [`    persistence: { ${[first, ...kept].join(', ')} }`];
}

function formatDestination(destination: Destination): string {
  const { forwarding, weight, upperThreshold, lowerThreshold, proxyProtocol } = destination;
  const fields = [
    `address: ${scalar(destinationKey(destination))}`,
    `method: ${forwarding}`,
    `weight: ${weight}`,
    ...(upperThreshold === 0 ? [] : [`upper-threshold: ${upperThreshold}`]),
    ...(lowerThreshold === 0 ? [] : [`lower-threshold: ${lowerThreshold}`]),
    ...formatTunnel(destination),
    ...(proxyProtocol === undefined ? [] : [`proxy-protocol: ${proxyProtocol}`]),
  ];
  return `      - { ${fields.join(', ')} }`;
}

function formatTunnel({ tunnel: { type, port, checksum } }: Destination): string[] {
  if (type === IPIP_TUNNEL.type && port === IPIP_TUNNEL.port && checksum === IPIP_TUNNEL.checksum) return [];
  const fields = [
    `type: ${type}`,
    ...(port === 0 ? [] : [`port: ${port}`]),
    ...(checksum === 'none' ? [] : [`checksum: ${checksum}`]),
  ];
  return [`tunnel: { ${fields.join(', ')} }`];
}

/** Names and addresses that YAML would read as something else are quoted; JSON's strings are YAML's. */
function scalar(text: string): string {
  const plain = /^[a-z][a-z0-9_-]*$/.test(text) && !['true', 'false', 'null'].includes(text);
  return plain || /^[0-9.]+:[0-9]+$/.test(text) ? text : JSON.stringify(text);
}
