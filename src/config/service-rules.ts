import { type ServiceId, serviceFamily } from '../model/service.ts';
import { fieldOf, isMapping, type LaidOutService, layOutService, listOf } from './config-layout.ts';
import type { ConfigPath } from './config-problem.ts';
import { checkDestination, checkDestinationOf } from './destination-rules.ts';
import { type Report, read } from './rule.ts';
import { serviceSchema } from './service-schema.ts';

type Mapping = Readonly<Record<string, unknown>>;

const SERVICE = serviceSchema.shape;
const FAMILY_NAMES = { inet: 'IPv4', inet6: 'IPv6' } as const;

/**
 * What must hold between the fields of a service and its destinations. It works on the values as they were read, field
 * by field, so that a mistake in one field does not hide another one. `laidOut` are the services that the mapping stands for.
 */
export function checkService(
  value: unknown,
  path: ConfigPath,
  report: Report,
  laidOut: readonly LaidOutService[] = layOutService(value, path, undefined),
): void {
  if (!isMapping(value)) return;
  checkSchedulerFlags(value, path, report);
  checkQuorum(value, path, report);
  listOf(value.destinations).forEach((destination, index) => {
    checkDestination(destination, [...path, 'destinations', index], report);
  });
  const sorry = value['sorry-server'];
  checkDestination(sorry, [...path, 'sorry-server'], report);
  for (const { id, destinations } of laidOut) {
    for (const destination of destinations) {
      checkDestinationOf(id, destination.value, destination.path, report);
    }
    checkDestinationOf(id, sorry, [...path, 'sorry-server'], report);
  }
  checkIdentities(laidOut, value, path, report);
}

function checkIdentities(
  laidOut: readonly LaidOutService[],
  value: Mapping,
  path: ConfigPath,
  report: Report,
): void {
  const given = value.persistence;
  const persistent = given !== undefined && given !== false && fieldOf(given, 'active') !== false;
  const netmask = given === undefined ? undefined : read(SERVICE.persistence, given)?.netmask;
  for (const { id, written } of laidOut) {
    if (id.kind === 'address' && id.port === 0 && !persistent) {
      report(written, 'port 0 takes all ports of the address, which needs persistence');
    }
    if (value['one-packet'] === true && id.kind === 'address' && id.protocol !== 'udp') {
      report(
        [...path, 'one-packet'],
        `one-packet scheduling is only for udp and fwmark, not for ${id.protocol}`,
      );
    }
    if (netmask !== undefined) checkNetmask(id, netmask, path, report);
  }
}

function checkNetmask(id: ServiceId, netmask: string | number, path: ConfigPath, report: Report): void {
  const family = serviceFamily(id);
  if ((typeof netmask === 'number') === (family === 'inet6')) return;
  const expected = family === 'inet6' ? 'a prefix length from 1 to 128' : 'a netmask such as 255.255.255.0';
  report(
    [...path, 'persistence', 'netmask'],
    `must be ${expected}, because the service is ${FAMILY_NAMES[family]}`,
  );
}

/** ip_vs_sh.c and ip_vs_mh.c give names to the flags 1 and 2; the others know them by number. */
function checkSchedulerFlags(value: Mapping, path: ConfigPath, report: Report): void {
  if (value.flags === undefined) return;
  const scheduler = read(SERVICE.scheduler, value.scheduler);
  const flags = read(SERVICE.flags, value.flags) ?? [];
  if (scheduler === undefined) return;
  flags.forEach((flag, index) => {
    const owner = flag.startsWith('flag-') ? scheduler : flag.slice(0, 2);
    if (owner !== scheduler) report([...path, 'flags', index], `is a flag of ${owner}, not of ${scheduler}`);
    else if (flags.indexOf(flag) < index) report([...path, 'flags', index], 'is given twice');
  });
}

function checkQuorum(value: Mapping, path: ConfigPath, report: Report): void {
  const quorum = read(SERVICE.quorum, value.quorum);
  const hysteresis = read(SERVICE.hysteresis, value.hysteresis);
  if (quorum !== undefined && hysteresis !== undefined && hysteresis >= quorum) {
    report([...path, 'hysteresis'], `must be below the quorum, ${quorum}, not ${hysteresis}`);
  }
}
