import { type Family, familyOf, type IpAddress, parseIpAddress } from '../../../model/address.ts';
import type { Check } from '../../../model/check.ts';
import { type Destination, type DestinationKey, destinationKey } from '../../../model/destination.ts';
import type { DestinationMonitoring, ServiceMonitoring, SorryServer } from '../../../model/monitoring.ts';
import { type Service, type ServiceId, serviceFamily } from '../../../model/service.ts';
import { asPrefixLength, type Port, type PrefixLength, type Weight } from '../../../model/unit.ts';
import type { ConfigPath } from '../../config-problem.ts';
import type { Place } from '../place.ts';
import type { ProblemLog } from '../problem-log.ts';
import type { RealServer, WrittenServer } from './real-server.ts';
import type { VirtualAddress } from './server-group.ts';
import type { VirtualServer } from './virtual-server.ts';

/** A service with how it is watched, and where its parts are written. */
export interface BuiltService {
  readonly service: Service;
  readonly monitoring: ServiceMonitoring;
  /** By paths from the service on. */
  readonly places: readonly (readonly [ConfigPath, Place])[];
}

const FAMILY_NAMES: Readonly<Record<Family, string>> = { inet: 'IPv4', inet6: 'IPv6' };
const HOST_MASKS: Readonly<Record<Family, IpAddress | PrefixLength>> = {
  inet: parseIpAddress('255.255.255.255') as IpAddress,
  inet6: asPrefixLength(128) as PrefixLength,
};

/** The services of a virtual server, one for each of its addresses. Scripts run for the first one alone: all are up and down together. */
export function services(server: VirtualServer, log: ProblemLog): BuiltService[] {
  return server.addresses.map((address, index) => serviceOf(server, address, index === 0, log));
}

function serviceOf(
  server: VirtualServer,
  address: VirtualAddress,
  first: boolean,
  log: ProblemLog,
): BuiltService {
  const id = serviceId(server, address);
  const tell = first ? (place: Place, message: string) => log.warn(place, message) : () => undefined;
  const destinations = new Map<
    DestinationKey,
    { readonly destination: Destination; readonly from: RealServer }
  >();
  for (const real of server.servers) {
    checkFamily(id, real, log);
    const destination = destinationOf(id, real, server.isGroup, tell);
    const key = destinationKey(destination);
    const same = destinations.get(key);
    if (same === undefined) destinations.set(key, { destination, from: real });
    else tell(real.place, `${key} is already given in line ${same.from.place.line}, which counts`);
  }
  const built = [...destinations.values()];
  return {
    service: {
      id,
      ...server.settings,
      ...persistenceOf(server, id, log),
      destinations: built.map(({ destination }) => destination).reverse(),
    },
    monitoring: monitoringOf(server, id, built, first, log),
    places: placesOf(
      server,
      address,
      built.map(({ from }) => from),
    ),
  };
}

function serviceId(server: VirtualServer, address: VirtualAddress): ServiceId {
  if (address.kind === 'address') {
    return { kind: 'address', protocol: server.protocol, address: address.address, port: address.port };
  }
  return { kind: 'fwmark', fwmark: address.fwmark, family: address.family ?? server.family };
}

function persistenceOf({ persistence, isGroup }: VirtualServer, id: ServiceId, log: ProblemLog) {
  const { timeout, engine } = persistence;
  // keepalived gives the marks of a group no mask: ipvswrapper.c, ipvs_group_cmd.
  const granularity = isGroup && id.kind === 'fwmark' ? undefined : persistence.granularity;
  const family = serviceFamily(id);
  if (granularity !== undefined && granularity.family !== family) {
    const expected = family === 'inet6' ? 'a prefix length from 1 to 128' : 'a netmask such as 255.255.255.0';
    log.error(granularity.word, `must be ${expected}, because the service is ${FAMILY_NAMES[family]}`);
  }
  return {
    ...(timeout !== undefined && { persistenceTimeout: timeout }),
    persistenceNetmask: granularity?.mask ?? HOST_MASKS[family],
    ...(engine !== undefined && { persistenceEngine: engine }),
  };
}

function checkFamily(id: ServiceId, { address, forwarding, place }: WrittenServer, log: ProblemLog): void {
  if (forwarding === 'tunnel' || familyOf(address) === serviceFamily(id)) return;
  const [own, others] = [FAMILY_NAMES[familyOf(address)], FAMILY_NAMES[serviceFamily(id)]];
  log.error(place, `the server is ${own} behind an ${others} service, which needs lvs_method TUN`);
}

/**
 * What the table has for a server. Only NAT changes ports: other servers have the service's, and behind a mark none (keepalived's
 * check_data.c, validate_check_config, and ipvswrapper.c).
 */
function destinationOf(
  id: ServiceId,
  server: RealServer,
  isGroup: boolean,
  tell: (place: Place, message: string) => void,
): Destination {
  const { weight, upperThreshold, lowerThreshold } = server;
  return { ...reach(id, server, isGroup, tell), weight, upperThreshold, lowerThreshold };
}

function reach(
  id: ServiceId,
  { address, port: written, forwarding, tunnel, place }: WrittenServer,
  isGroup: boolean,
  tell: (place: Place, message: string) => void,
): Pick<Destination, 'address' | 'port' | 'forwarding' | 'tunnel'> {
  const own = id.kind === 'address' ? id.port : (0 as Port);
  if (forwarding === 'masquerade') {
    return { address, port: written === 0 && !isGroup ? own : written, forwarding, tunnel };
  }
  if (written !== 0 && written !== own) {
    const instead = own === 0 ? 'it has none' : `it has the service's, ${own}`;
    tell(place, `port ${written} has no effect in the table, as only NAT changes ports: ${instead}`);
  }
  return { address, port: own, forwarding, tunnel };
}

function monitoringOf(
  server: VirtualServer,
  id: ServiceId,
  built: readonly { readonly destination: Destination; readonly from: RealServer }[],
  first: boolean,
  log: ProblemLog,
): ServiceMonitoring {
  const { quorumUp, quorumDown, ...rest } = server.monitoring;
  const sorryServer = sorryServerOf(server, id, first, log);
  return {
    ...rest,
    ...(first && quorumUp !== undefined && { quorumUp }),
    ...(first && quorumDown !== undefined && { quorumDown }),
    ...(sorryServer !== undefined && { sorryServer }),
    destinations: new Map(
      built.map(({ destination, from }) => [
        destinationKey(destination),
        watchedAsWritten(from, destination.port, first),
      ]),
    ),
  };
}

/** Checks go to the port that is written, also where the table has another one. */
function watchedAsWritten(
  { monitoring, port: written }: RealServer,
  port: Port,
  first: boolean,
): DestinationMonitoring {
  const { notifyUp, notifyDown, checks, ...rest } = monitoring;
  return {
    ...rest,
    checks: written === 0 || written === port ? checks : checks.map((check) => withPort(check, written)),
    ...(first && notifyUp !== undefined && { notifyUp }),
    ...(first && notifyDown !== undefined && { notifyDown }),
  };
}

function withPort(check: Check, port: Port): Check {
  const { kind } = check.probe;
  if (kind === 'file' || kind === 'misc' || kind === 'ping') return check;
  return { ...check, endpoint: { ...check.endpoint, port: check.endpoint.port ?? port } };
}

function sorryServerOf(
  { sorryServer, isGroup }: VirtualServer,
  id: ServiceId,
  first: boolean,
  log: ProblemLog,
): SorryServer | undefined {
  if (sorryServer === undefined) return undefined;
  checkFamily(id, sorryServer, log);
  const tell = first ? (place: Place, message: string) => log.warn(place, message) : () => undefined;
  return {
    destination: {
      // keepalived gives a sorry server behind NAT the port that is written, and IPVS takes the client's where that is 0.
      ...reach(id, sorryServer, isGroup || sorryServer.forwarding === 'masquerade', tell),
      weight: 1 as Weight,
      upperThreshold: 0,
      lowerThreshold: 0,
    },
    inhibit: sorryServer.inhibit,
  };
}

function placesOf(
  { schedulerPlace, enginePlace }: VirtualServer,
  { place }: VirtualAddress,
  servers: readonly RealServer[],
): (readonly [ConfigPath, Place])[] {
  const found: (readonly [ConfigPath, Place])[] = [[[], place]];
  if (schedulerPlace !== undefined) found.push([['scheduler'], schedulerPlace]);
  if (enginePlace !== undefined) found.push([['persistence', 'engine'], enginePlace]);
  servers.forEach((server, index) => {
    found.push([['destinations', index], server.place]);
    if (server.methodPlace !== undefined) found.push([['destinations', index, 'method'], server.methodPlace]);
    if (server.weightPlace !== undefined) found.push([['destinations', index, 'weight'], server.weightPlace]);
  });
  return found;
}
