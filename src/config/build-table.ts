import type { z } from 'zod';
import { type IpAddress, parseIpAddress } from '../model/address.ts';
import { type Destination, IPIP_TUNNEL, type Tunnel } from '../model/destination.ts';
import { type SchedulerFlags, type Service, type ServiceId, serviceFamily } from '../model/service.ts';
import type { Table } from '../model/table.ts';
import { asPrefixLength, type Port, type PrefixLength, type Seconds } from '../model/unit.ts';
import type { ParsedConfig } from './config-schema.ts';
import type { destinationSchema, sorryServerSchema } from './destination-schema.ts';
import type { ParsedService } from './resolve-services.ts';
import type { serviceSchema } from './service-schema.ts';

/** What `--set` takes for a timeout that stays as it is. */
const KEEP = 0 as Seconds;

/** The table of services that were resolved. A timeout that the file does not name is 0: it stays as it is. */
export function buildTable(
  services: readonly ParsedService[],
  { tcp = KEEP, tcpfin = KEEP, udp = KEEP }: ParsedConfig['timeouts'],
): Table {
  return { services: services.map(buildService), timeouts: { tcp, tcpfin, udp } };
}

function buildService({ id, service, destinations }: ParsedService): Service {
  const { scheduler, flags, persistence } = service;
  return {
    id,
    scheduler,
    schedulerFlags: schedulerFlags(flags),
    ...(persistence?.active && { persistenceTimeout: persistence.timeout }),
    persistenceNetmask: persistence?.netmask ?? hostMask(id),
    ...(persistence?.engine !== undefined && { persistenceEngine: persistence.engine }),
    onePacket: service['one-packet'],
    destinations: destinations.map(buildDestination).reverse(),
  };
}

type GivenDestination = z.output<typeof destinationSchema> | z.output<typeof sorryServerSchema>;

export function buildDestination(given: GivenDestination): Destination {
  const proxyProtocol = given['proxy-protocol'];
  return {
    ...given.address,
    forwarding: given.method,
    weight: given.weight,
    upperThreshold: given['upper-threshold'],
    lowerThreshold: given['lower-threshold'],
    tunnel: buildTunnel(given.tunnel),
    ...(proxyProtocol !== undefined && { proxyProtocol }),
  };
}

function buildTunnel(given: GivenDestination['tunnel']): Tunnel {
  return given === undefined ? IPIP_TUNNEL : { ...given, port: given.port ?? (0 as Port) };
}

function schedulerFlags(names: z.output<typeof serviceSchema>['flags']): SchedulerFlags {
  const has = (...any: readonly (typeof names)[number][]) => any.some((name) => names.includes(name));
  return {
    flag1: has('flag-1', 'sh-fallback', 'mh-fallback'),
    flag2: has('flag-2', 'sh-port', 'mh-port'),
    flag3: has('flag-3'),
  };
}

function hostMask(id: ServiceId) {
  return HOST_MASKS[serviceFamily(id)];
}

/** Masks of single hosts. */
const HOST_MASKS = {
  inet: parseIpAddress('255.255.255.255') as IpAddress,
  inet6: asPrefixLength(128) as PrefixLength,
} as const;
