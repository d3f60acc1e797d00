import type { ConnectionEntry } from '../../model/connection.ts';
import type { SyncDaemon } from '../../model/daemon.ts';
import { type DestinationId, destinationKey } from '../../model/destination.ts';
import type { Operation } from '../../model/operation.ts';
import type { ServiceId } from '../../model/service.ts';
import { destinationSettings } from '../../model/settings.ts';
import type { TableSnapshot } from '../../model/table.ts';
import type {
  Engine,
  EngineCapabilities,
  EngineInfo,
  OperationOutcome,
  ServiceFaults,
  ServiceLookup,
  ServiceOverview,
} from '../engine.ts';
import { IPVS_CAPABILITIES } from './capability.ts';
import type { IpvsInfo } from './config-codec.ts';
import type { OriginatedConnectionEntry } from './connection-entry.ts';
import { readConnections, readSynchronisedConnections } from './connection-file.ts';
import { expireNodestConn } from './expire-nodest-conn.ts';
import type { IpvsClient } from './ipvs-client.ts';
import { kernelSchedulers } from './kernel-schedulers.ts';
import { destinationsOf, readTable } from './table-file.ts';

export interface IpvsEngineOptions {
  /** Where ip_vs_conn and ip_vs_conn_sync lie; /proc/net where absent. */
  readonly procDirectory?: string;
  /** The schedulers that the kernel has; those that its modules tell of where absent. */
  readonly schedulers?: readonly string[];
  /** Called when an overview turns out to be of more than a thousand services, while it is still being made. */
  readonly onManyServices?: () => void;
  /** Where expire_nodest_conn lies; /proc/sys/net/ipv4/vs where absent. */
  readonly settingsDirectory?: string;
  /** Hears of settings of the system that are changed. */
  readonly info?: (text: string) => void;
}

/** Milliseconds from the deletion of a destination until the kernel has ended its connections: one jiffy, and what the walk takes. */
const EXPIRY_TIME = 250;

/**
 * The kernel's own IPVS. The table is the kernel's: it is there before the engine opens and stays when it closes, and other
 * programs change it too.
 */
export class IpvsEngine implements Engine {
  readonly #client: IpvsClient;
  readonly #info: IpvsInfo;
  readonly #procDirectory: string | undefined;
  readonly #onManyServices: () => void;
  readonly #options: IpvsEngineOptions;
  #schedulers: readonly string[] | undefined;

  /** `info` is the answer of `client.info()`. `openIpvsEngine` does both. */
  constructor(client: IpvsClient, info: IpvsInfo, options: IpvsEngineOptions = {}) {
    this.#client = client;
    this.#info = info;
    this.#options = options;
    this.#procDirectory = options.procDirectory;
    this.#schedulers = options.schedulers;
    this.#onManyServices = options.onManyServices ?? (() => {});
  }

  info(): Promise<EngineInfo> {
    const capabilities = () => this.#capabilities();
    return Promise.resolve({
      name: 'ipvs',
      ...this.#info,
      // Read only where it is wanted: `ipvsadm` asks for the version alone.
      get capabilities() {
        return capabilities();
      },
    });
  }

  execute(operations: readonly Operation[]): Promise<OperationOutcome[]> {
    return this.#client.execute(operations);
  }

  snapshot(): Promise<TableSnapshot> {
    return this.#client.snapshot();
  }

  /**
   * The services from netlink, the destinations from /proc/net/ip_vs, which tells enough of them: a netlink list for each service takes
   * the kernel ten times as long. That is asked for only of services that the file leaves out. `bypass`, which `ipvsadm` cannot
   * set, appears as `masquerade`.
   */
  async overview(): Promise<readonly ServiceOverview[]> {
    const services = await this.#client.serviceSummaries(this.#onManyServices);
    const ids = services.map(({ id }) => id);
    const told = destinationsOf(ids, readTable(this.#procDirectory));
    const asked = await this.#client.destinationsOf(ids.filter((_, index) => told[index] === undefined));
    let next = 0;
    return services.map((service, index) => {
      return { ...service, destinations: told[index] ?? asked[next++] ?? [] };
    });
  }

  daemons(): Promise<readonly SyncDaemon[]> {
    return this.#client.daemons();
  }

  async service(id: ServiceId): Promise<ServiceLookup> {
    const service = await this.#client.service(id);
    return service && { ...service, destinations: await this.#client.destinations(id) };
  }

  connections(): AsyncIterable<readonly ConnectionEntry[]> {
    return readConnections(this.#procDirectory);
  }

  /** The connection table with the origin of each entry, as a synchronisation daemon in the backup role fills it. */
  synchronisedConnections(): AsyncIterable<readonly OriginatedConnectionEntry[]> {
    return readSynchronisedConnections(this.#procDirectory);
  }

  /**
   * The kernel has no command for it. It ends the connections of deleted destinations where expire_nodest_conn is set, which this does; a
   * destination that is in the table is deleted for a moment, and comes back as it was, at the head of its list. Always resolves to 0.
   */
  async purgeConnections(id: ServiceId, destination: DestinationId): Promise<number> {
    const { settingsDirectory, info } = this.#options;
    if (expireNodestConn(settingsDirectory)) info?.('net.ipv4.vs.expire_nodest_conn is set to 1');
    const service = await this.#client.service(id);
    if (service === undefined) return 0;
    const present = (await this.#client.destinations(id)).find((each) => {
      return destinationKey(each) === destinationKey(destination);
    });
    if (present === undefined) return 0;
    const [refusal] = await this.#client.execute([{ kind: 'delete-destination', service: id, destination }]);
    if (refusal !== undefined) throw refusal;
    await new Promise((resolve) => setTimeout(resolve, EXPIRY_TIME));
    const again: Operation = {
      kind: 'add-destination',
      service: id,
      destination: destinationSettings(present),
    };
    const [failure] = await this.#client.execute([again]);
    if (failure !== undefined) throw failure;
    return 0;
  }

  /** The kernel takes packets wherever they are for: no address need be local, no port free. */
  faults(): Promise<ServiceFaults> {
    return Promise.resolve(new Map());
  }

  /** Leaves the table as it is: the kernel goes on balancing. */
  close(): Promise<void> {
    this.#client.close();
    return Promise.resolve();
  }

  #capabilities(): EngineCapabilities {
    this.#schedulers ??= kernelSchedulers();
    return { ...IPVS_CAPABILITIES, schedulers: this.#schedulers };
  }
}
