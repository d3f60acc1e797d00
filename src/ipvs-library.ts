/**
 * The library's door to the kernel's IPVS, published as `vipr/ipvs`: services, destinations, statistics, timeouts and
 * synchronisation daemons over generic netlink, the connection table, and a fake kernel for tests. Linux only, and everything
 * but the connection table needs CAP_NET_ADMIN. `docs/library/ipvs.md` shows how to use it.
 *
 * ```ts
 * import { openIpvs, serviceKey } from 'vipr/ipvs';
 *
 * const ipvs = await openIpvs();
 * for (const service of (await ipvs.snapshot()).services) console.log(serviceKey(service.id), service.scheduler);
 * ipvs.close();
 * ```
 */

// The kernel's IPVS: as functions, and as an engine like vipr's others.
export { IPVS_CAPABILITIES } from './engines/ipvs/capability.ts';
export type { IpvsInfo } from './engines/ipvs/config-codec.ts';
export type { OriginatedConnectionEntry } from './engines/ipvs/connection-entry.ts';
export { readConnections, readSynchronisedConnections } from './engines/ipvs/connection-file.ts';
// For tests.
export { FakeIpvs, type FakeIpvsOptions } from './engines/ipvs/fake/fake-ipvs.ts';
export { IpvsClient } from './engines/ipvs/ipvs-client.ts';
export { IpvsEngine, type IpvsEngineOptions } from './engines/ipvs/ipvs-engine.ts';
export { type IpvsModules, openIpvs, openIpvsEngine } from './engines/ipvs/open-ipvs-engine.ts';
export type { ListedService } from './engines/ipvs/service-codec.ts';

// What it speaks of: the table as pure data.
export { type Family, familyOf, type IpAddress, parseIpAddress } from './model/address.ts';
export type { ConnectionEntry } from './model/connection.ts';
export type { DaemonRole, SyncDaemon, SyncDaemonSettings } from './model/daemon.ts';
export {
  type Destination,
  type DestinationId,
  type DestinationKey,
  type DestinationSettings,
  destinationKey,
  type ForwardingMethod,
  IPIP_TUNNEL,
  type Tunnel,
} from './model/destination.ts';
export { diffTables } from './model/diff.ts';
export { ViprError, type ViprErrorCode } from './model/error.ts';
export type { Operation, OperationKind } from './model/operation.ts';
export { type HostPort, parseHostPort } from './model/parse-host-port.ts';
export { parseServiceKey } from './model/parse-service-key.ts';
export {
  NO_SCHEDULER_FLAGS,
  type Protocol,
  type SchedulerFlags,
  type Service,
  type ServiceId,
  type ServiceKey,
  type ServiceSettings,
  serviceKey,
} from './model/service.ts';
export type { Counters, Rates, Statistics } from './model/statistics.ts';
export type { DestinationStatus, ServiceStatus, TableSnapshot, Timeouts } from './model/table.ts';
export {
  asFirewallMark,
  asPort,
  asPrefixLength,
  asSeconds,
  asWeight,
  type FirewallMark,
  type Port,
  type PrefixLength,
  type Seconds,
  type Weight,
} from './model/unit.ts';
export { NetlinkError, type NetlinkErrorKind } from './netlink/netlink-error.ts';
