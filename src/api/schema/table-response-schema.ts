import { z } from 'zod';
import type { ConnectionEntry } from '../../model/connection.ts';
import type { SyncDaemon } from '../../model/daemon.ts';
import type { Destination } from '../../model/destination.ts';
import type { Service } from '../../model/service.ts';
import type { Table } from '../../model/table.ts';
import type { ServiceResponse, TableResponse } from '../protocol.ts';
import { component } from './component.ts';
import {
  address,
  count,
  firewallMark,
  largeCount,
  port,
  prefixLength,
  seconds,
  weight,
} from './value-schema.ts';

/** The table in answers; in requests `operation-schema.ts` has it, which checks more. */

const serviceId = component(
  'ServiceId',
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('address'), protocol: z.enum(['tcp', 'udp', 'sctp']), address, port }),
    z.object({ kind: z.literal('fwmark'), fwmark: firewallMark, family: z.enum(['inet', 'inet6']) }),
  ]),
);

const settings = {
  scheduler: z.string(),
  schedulerFlags: z.object({ flag1: z.boolean(), flag2: z.boolean(), flag3: z.boolean() }),
  persistenceTimeout: seconds.exactOptional(),
  persistenceNetmask: z.union([address, prefixLength]),
  persistenceEngine: z.string().exactOptional(),
  onePacket: z.boolean(),
};

const destination = component(
  'Destination',
  z.object({
    address,
    port,
    forwarding: z.enum(['masquerade', 'direct', 'tunnel', 'local', 'bypass']),
    weight,
    upperThreshold: count,
    lowerThreshold: count,
    tunnel: z.object({
      type: z.enum(['ipip', 'gue', 'gre']),
      port,
      checksum: z.enum(['none', 'checksum', 'remote']),
    }),
    proxyProtocol: z.enum(['v2', 'off']).exactOptional(),
  }),
) satisfies z.ZodType<Destination>;

const service = component(
  'Service',
  z.object({ id: serviceId, ...settings, destinations: z.array(destination) }),
) satisfies z.ZodType<Service>;

const timeouts = component('Timeouts', z.object({ tcp: seconds, tcpfin: seconds, udp: seconds }));

const numbers = z.object({
  connections: largeCount,
  inPackets: largeCount,
  outPackets: largeCount,
  inBytes: largeCount,
  outBytes: largeCount,
});
const statistics = component('Statistics', z.object({ counters: numbers, rates: numbers }));

const destinationStatus = component(
  'DestinationStatus',
  destination.extend({
    activeConnections: count,
    inactiveConnections: count,
    persistentConnections: count,
    statistics,
  }),
);

export const serviceResponse = component(
  'ServiceStatus',
  service.extend({ destinations: z.array(destinationStatus), statistics }),
) satisfies z.ZodType<ServiceResponse>;

export const daemon = component(
  'SyncDaemon',
  z.object({
    role: z.enum(['master', 'backup']),
    interface: z.string(),
    syncId: count,
    maxLength: count,
    group: address,
    port,
    ttl: count,
  }),
) satisfies z.ZodType<SyncDaemon>;

export const tableResponse = component(
  'TableSnapshot',
  z.object({ services: z.array(serviceResponse), timeouts, daemons: z.array(daemon) }),
) satisfies z.ZodType<TableResponse>;

export const wantedResponse = component(
  'Table',
  z.object({ services: z.array(service), timeouts }),
) satisfies z.ZodType<Table>;

export const connection = component(
  'Connection',
  z.object({
    protocol: z.enum(['tcp', 'udp', 'sctp', 'ip']),
    clientAddress: address,
    clientPort: port,
    virtualAddress: z.union([address, z.object({ fwmark: firewallMark })]),
    virtualPort: port,
    destinationAddress: address,
    destinationPort: port,
    state: z.string(),
    expiresIn: count,
    persistenceEngine: z.string().exactOptional(),
    persistenceData: z.string().exactOptional(),
  }),
) satisfies z.ZodType<ConnectionEntry>;
