import type { z } from 'zod';
import { type IpAddress, parseIpAddress } from '../model/address.ts';
import { type Destination, IPIP_TUNNEL, type Tunnel } from '../model/destination.ts';
import { type SchedulerFlags, type Service, serviceFamily } from '../model/service.ts';
import type { Table } from '../model/table.ts';
import { asPrefixLength, type Port, type PrefixLength, type Seconds } from '../model/unit.ts';
import type { configSchema, destinationSchema, serviceSchema } from './config-schema.ts';

/** What `--set` takes for a timeout that stays as it is. */
const KEEP = 0 as Seconds;

/** The table that a checked file describes. A timeout that the file does not name is 0: it stays as it is. */
export function buildTable({ services, timeouts }: z.output<typeof configSchema>): Table {
  return {
    services: services.map(buildService),
    timeouts: {
      tcp: timeouts.tcp ?? KEEP,
      tcpfin: timeouts.tcpfin ?? KEEP,
      udp: timeouts.udp ?? KEEP,
    },
  };
}

function buildService(given: z.output<typeof serviceSchema>): Service {
  const { service: id, scheduler, flags, persistence } = given;
  return {
    id,
    scheduler,
    schedulerFlags: schedulerFlags(flags),
    ...(persistence?.active && { persistenceTimeout: persistence.timeout }),
    persistenceNetmask: persistence?.netmask ?? HOST_MASKS[serviceFamily(id)],
    ...(persistence?.engine !== undefined && { persistenceEngine: persistence.engine }),
    onePacket: given['one-packet'],
    destinations: given.destinations.map(buildDestination).reverse(),
  };
}

function buildDestination(given: z.output<typeof destinationSchema>): Destination {
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

function buildTunnel(given: z.output<typeof destinationSchema>['tunnel']): Tunnel {
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

/** Masks of single hosts. */
const HOST_MASKS = {
  inet: parseIpAddress('255.255.255.255') as IpAddress,
  inet6: asPrefixLength(128) as PrefixLength,
} as const;
