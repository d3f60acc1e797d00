import type { DaemonRole, SyncDaemon, SyncDaemonSettings } from '../../model/daemon.ts';
import type { Destination, DestinationId } from '../../model/destination.ts';
import type { ViprError } from '../../model/error.ts';
import type { Operation } from '../../model/operation.ts';
import {
  type ServiceId,
  type ServiceKey,
  type ServiceSettings,
  serviceFamily,
  serviceKey,
} from '../../model/service.ts';
import type { DestinationStatus, ServiceStatus, TableSnapshot, Timeouts } from '../../model/table.ts';
import type { Seconds } from '../../model/unit.ts';
import type { GenericFamily, GenericNetlink } from '../../netlink/generic-netlink.ts';
import type { NetlinkMessage } from '../../netlink/message.ts';
import { NetlinkError } from '../../netlink/netlink-error.ts';
import type { NetlinkRequest } from '../../netlink/netlink-request.ts';
import { decodeInfo, decodeTimeouts, type IpvsInfo } from './config-codec.ts';
import { decodeDaemon } from './daemon-codec.ts';
import { decodeDestination } from './destination-codec.ts';
import { toViprError } from './ipvs-error.ts';
import { ipvsRequest, requestOf } from './ipvs-request.ts';
import {
  decodeService,
  decodeServiceSummary,
  type ListedService,
  type ServiceSummary,
  writeServiceId,
} from './service-codec.ts';

const MANY_SERVICES = 1000;

/**
 * The kernel's IPVS as functions. Every failure is a ViprError: the codes are those of `src/model/error.ts`, `errno` is the
 * kernel's, and `cause` the NetlinkError with the kernel's own words. Needs CAP_NET_ADMIN, for reading too.
 *
 * Services and destinations come in the kernel's order: destinations the newest first, services by hash, those on addresses
 * before those on firewall marks.
 */
export class IpvsClient {
  readonly #netlink: GenericNetlink;
  readonly #family: GenericFamily;

  /** `family` is the answer of `netlink.family('IPVS')`. `openIpvs` does both. */
  constructor(netlink: GenericNetlink, family: GenericFamily) {
    this.#netlink = netlink;
    this.#family = family;
  }

  /** Version of the interface, and rows of the connection table. */
  async info(): Promise<IpvsInfo> {
    return this.#one(ipvsRequest(this.#family, 'GET_INFO'), decodeInfo);
  }

  /** Every service, without its destinations. */
  async services(): Promise<ListedService[]> {
    const request = ipvsRequest(this.#family, 'GET_SERVICE');
    const listed = await this.#attempt(this.#netlink.connection.list(request, decodeService));
    const services = new Map<ServiceKey, ListedService>();
    for (const service of listed) {
      // A list made while the table changes may hold a service twice: the kernel counts places, and places shift.
      if (service !== undefined && !services.has(serviceKey(service.id))) {
        services.set(serviceKey(service.id), service);
      }
    }
    return [...services.values()];
  }

  /**
   * As {@link services}, without statistics; a list made while the table changes may hold a service twice. `onMany` is called where
   * there are more than a thousand, before the rest is read.
   */
  async serviceSummaries(onMany: () => void = () => {}): Promise<ServiceSummary[]> {
    let count = 0;
    const request = ipvsRequest(this.#family, 'GET_SERVICE');
    const listing = this.#netlink.connection.list(request, (message) => {
      if (count++ === MANY_SERVICES) onMany();
      return decodeServiceSummary(message);
    });
    return (await this.#attempt(listing)).filter((service) => service !== undefined);
  }

  /** One service without its destinations, or undefined where there is no such service. */
  async service(id: ServiceId): Promise<ListedService | undefined> {
    const request = ipvsRequest(this.#family, 'GET_SERVICE', (writer) => writeServiceId(writer, id));
    try {
      const [service] = await this.#netlink.connection.get(request, decodeService);
      return service;
    } catch (error) {
      if (error instanceof NetlinkError && error.code === 'ESRCH') return undefined;
      throw asViprError(error);
    }
  }

  /** The destinations of a service; none also where there is no such service. */
  async destinations(id: ServiceId): Promise<DestinationStatus[]> {
    const [destinations = []] = await this.destinationsOf([id]);
    return destinations;
  }

  addService(id: ServiceId, settings: ServiceSettings): Promise<void> {
    return this.#do({ kind: 'add-service', service: id, settings });
  }

  /** Replaces the settings; connections and destinations stay. */
  editService(id: ServiceId, settings: ServiceSettings): Promise<void> {
    return this.#do({ kind: 'edit-service', service: id, settings });
  }

  deleteService(id: ServiceId): Promise<void> {
    return this.#do({ kind: 'delete-service', service: id });
  }

  addDestination(service: ServiceId, destination: Destination): Promise<void> {
    return this.#do({ kind: 'add-destination', service, destination });
  }

  editDestination(service: ServiceId, destination: Destination): Promise<void> {
    return this.#do({ kind: 'edit-destination', service, destination });
  }

  deleteDestination(service: ServiceId, destination: DestinationId): Promise<void> {
    return this.#do({ kind: 'delete-destination', service, destination });
  }

  /** Deletes every service. */
  flush(): Promise<void> {
    return this.#do({ kind: 'flush' });
  }

  /** Starts the statistics of a service and its destinations again from 0, or those of all. */
  zero(service?: ServiceId): Promise<void> {
    return this.#do(service === undefined ? { kind: 'zero' } : { kind: 'zero', service });
  }

  timeouts(): Promise<Timeouts> {
    return this.#one(ipvsRequest(this.#family, 'GET_CONFIG'), decodeTimeouts);
  }

  /** Seconds; what is absent or 0 stays as it is. */
  setTimeouts(timeouts: Partial<Timeouts>): Promise<void> {
    const keep = 0 as Seconds;
    return this.#do({
      kind: 'set-timeouts',
      timeouts: { tcp: keep, tcpfin: keep, udp: keep, ...timeouts },
    });
  }

  /** The synchronisation daemons that run, the master first. */
  daemons(): Promise<SyncDaemon[]> {
    const request = ipvsRequest(this.#family, 'GET_DAEMON');
    return this.#attempt(this.#netlink.connection.list(request, decodeDaemon));
  }

  startDaemon(daemon: SyncDaemonSettings): Promise<void> {
    return this.#do({ kind: 'start-daemon', daemon });
  }

  stopDaemon(role: DaemonRole): Promise<void> {
    return this.#do({ kind: 'stop-daemon', role });
  }

  /**
   * Carries operations out in their order, as many at once as the socket holds. A refused one does not stop the others. The
   * answer has one outcome for each: undefined where it was done.
   */
  async execute(operations: readonly Operation[]): Promise<(ViprError | undefined)[]> {
    const requests = operations.map((operation) => requestOf(this.#family, operation));
    const outcomes = await this.#netlink.connection.execute(requests);
    return outcomes.map((outcome, index) => outcome && toViprError(outcome, operations[index]));
  }

  /** The whole table. The kernel lists it in parts: what changes meanwhile may be seen in one part and not in another. */
  async snapshot(): Promise<TableSnapshot> {
    const [timeouts, daemons, listed] = await Promise.all([this.timeouts(), this.daemons(), this.services()]);
    const destinations = await this.destinationsOf(listed.map(({ id }) => id));
    const services = listed.map((service, index): ServiceStatus => {
      return { ...service, destinations: destinations[index] ?? [] };
    });
    return { services, timeouts, daemons };
  }

  close(): void {
    this.#netlink.close();
  }

  /**
   * The destinations of each service. There is one list a service, and the kernel makes one list at a time for a socket: two
   * system calls for each, one that asks and one that takes everything.
   */
  async destinationsOf(ids: readonly ServiceId[]): Promise<DestinationStatus[][]> {
    const lists = ids.map((): DestinationStatus[] => []);
    const requests = ids.map((id, index): NetlinkRequest => {
      const list = lists[index] ?? [];
      const family = serviceFamily(id);
      return {
        ...ipvsRequest(this.#family, 'GET_DEST', (writer) => writeServiceId(writer, id)),
        dump: true,
        receive: (message) => {
          list.push(decodeDestination(message, family));
        },
        restart: () => {
          list.length = 0;
        },
      };
    });
    for (const outcome of await this.#netlink.connection.execute(requests)) {
      if (outcome !== undefined) throw toViprError(outcome);
    }
    return lists;
  }

  async #one<T>(request: NetlinkRequest, decode: (message: NetlinkMessage) => T): Promise<T> {
    const [value] = await this.#attempt(this.#netlink.connection.get(request, decode));
    if (value !== undefined) return value;
    throw toViprError(
      new NetlinkError('malformed', 'an acknowledgement without an answer', { request: request.name }),
    );
  }

  async #do(operation: Operation): Promise<void> {
    const [outcome] = await this.execute([operation]);
    if (outcome !== undefined) throw outcome;
  }

  #attempt<T>(answer: Promise<T>): Promise<T> {
    return answer.catch((error: unknown) => {
      throw asViprError(error);
    });
  }
}

function asViprError(error: unknown): unknown {
  return error instanceof Error ? toViprError(error) : error;
}
