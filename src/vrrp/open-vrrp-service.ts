import { open } from 'node:fs/promises';
import type { HealthState } from '../model/health.ts';
import type { ServiceKey } from '../model/service.ts';
import { RouteNetlink } from '../netlink/route/route-netlink.ts';
import { monotonicMilliseconds } from '../system/clock.ts';
import { ExtendedMasterHost } from './host/extended-master-host.ts';
import { SYSTEM_SYSCTL } from './host/interface-sysctl.ts';
import { NetlinkMasterHost } from './host/netlink-master-host.ts';
import { NetlinkVirtualLinkHost } from './host/netlink-virtual-link-host.ts';
import { NfAddressGuard } from './host/nf-address-guard.ts';
import type { RunScript, Timers } from './run-script.ts';
import type { VrrpServiceEvent } from './service-modules.ts';
import { processFinder } from './track/find-processes.ts';
import { VrrpService } from './vrrp-service.ts';
import { SystemVrrpWire } from './wire/vrrp-wire.ts';

/** What whoever opens the service brings. */
export interface OpenVrrpOptions {
  readonly runScript: RunScript;
  /** Undefined for services that are not watched: they count as up. */
  readonly quorum: (service: ServiceKey) => HealthState | undefined;
  /** Writes a line, with its line feed, into the named pipes. May not throw. */
  readonly tellFifos: (line: string) => void;
  /** May not throw. */
  readonly onEvent: (event: VrrpServiceEvent) => void;
}

/** Bytes of a tracked file that are read. */
const FILE_BYTES = 64;
/** The longest wait of the system's timers, in milliseconds. */
const LONGEST_WAIT = 2 ** 31 - 1;

/**
 * VRRP in the network namespace of this thread, by raw sockets and rtnetlink: needs CAP_NET_RAW and CAP_NET_ADMIN. What is missing shows as
 * faults of instances. Throws a SystemCallError where there is no rtnetlink.
 */
export function openVrrpService(options: OpenVrrpOptions): VrrpService {
  const netlink = new RouteNetlink();
  const guard = new NfAddressGuard();
  return new VrrpService({
    ...options,
    netlink,
    host: new ExtendedMasterHost(new NetlinkMasterHost(netlink), netlink.links, guard),
    virtualLinks: new NetlinkVirtualLinkHost(netlink, SYSTEM_SYSCTL),
    guard,
    wire: new SystemVrrpWire(),
    readFile: readStart,
    findProcesses: processFinder(),
    now: monotonicMilliseconds,
    wallClock: Date.now,
    timers: SYSTEM_TIMERS,
  });
}

const SYSTEM_TIMERS: Timers = {
  after(milliseconds, callback) {
    const timer = setTimeout(callback, Math.min(milliseconds, LONGEST_WAIT));
    return () => clearTimeout(timer);
  },
};

async function readStart(path: string): Promise<string> {
  await using file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(FILE_BYTES), 0, FILE_BYTES, 0);
  return buffer.subarray(0, bytesRead).toString('latin1');
}
