import type {
  Engine,
  EngineInfo,
  OperationOutcome,
  ServiceFaults,
  ServiceLookup,
} from '../../src/engines/engine.ts';
import type { ConnectionEntry } from '../../src/model/connection.ts';
import type { Operation } from '../../src/model/operation.ts';
import { hostPort, type ServiceId } from '../../src/model/service.ts';
import type { Counters } from '../../src/model/statistics.ts';
import type { DestinationStatus, ServiceStatus, TableSnapshot } from '../../src/model/table.ts';

/** What traffic would have left in the table, by `address:port` of a service or a destination, or `fwmark N`. */
export interface Given {
  active?: number;
  inactive?: number;
  persistent?: number;
  counters?: Counters;
  rates?: Counters;
}

/** An engine without traffic that shows the counts, statistics and connections it is given. */
export class GivenEngine implements Engine {
  readonly given = new Map<string, Given>();
  entries: readonly ConnectionEntry[] = [];
  /** Bytes in and out of every destination, where set: what the recording forced with a preloaded library. */
  bytes: bigint | undefined;
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  info(): Promise<EngineInfo> {
    return this.#engine.info();
  }

  execute(operations: readonly Operation[]): Promise<OperationOutcome[]> {
    return this.#engine.execute(operations);
  }

  async snapshot(): Promise<TableSnapshot> {
    const table = await this.#engine.snapshot();
    return { ...table, services: table.services.map((service) => this.#show(service)) };
  }

  async service(id: ServiceId): Promise<ServiceLookup> {
    const service = await this.#engine.service(id);
    return service === undefined ? undefined : this.#show(service);
  }

  async *connections(): AsyncIterable<readonly ConnectionEntry[]> {
    yield this.entries;
  }

  faults(): Promise<ServiceFaults> {
    return this.#engine.faults();
  }

  close(): Promise<void> {
    return this.#engine.close(0);
  }

  #show(service: ServiceStatus): ServiceStatus {
    const { id, statistics } = service;
    const name = id.kind === 'address' ? hostPort(id.address, id.port) : `fwmark ${id.fwmark}`;
    const given = this.given.get(name);
    return {
      ...service,
      statistics: {
        counters: given?.counters ?? statistics.counters,
        rates: given?.rates ?? statistics.rates,
      },
      destinations: service.destinations.map((destination) => this.#showDestination(destination)),
    };
  }

  #showDestination(destination: DestinationStatus): DestinationStatus {
    const given = this.given.get(hostPort(destination.address, destination.port));
    const { statistics } = destination;
    const counters = given?.counters ?? statistics.counters;
    return {
      ...destination,
      activeConnections: given?.active ?? destination.activeConnections,
      inactiveConnections: given?.inactive ?? destination.inactiveConnections,
      persistentConnections: given?.persistent ?? destination.persistentConnections,
      statistics: {
        counters:
          this.bytes === undefined ? counters : { ...counters, inBytes: this.bytes, outBytes: this.bytes },
        rates: given?.rates ?? statistics.rates,
      },
    };
  }
}
