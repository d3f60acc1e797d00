import type { ConnectionEntry } from '../../../model/connection.ts';
import type { DestinationId } from '../../../model/destination.ts';
import type { Operation } from '../../../model/operation.ts';
import type { ServiceId } from '../../../model/service.ts';
import type { SyncStatus } from '../../../model/sync-status.ts';
import type { TableSnapshot } from '../../../model/table.ts';
import type { Engine, EngineInfo, OperationOutcome, ServiceFaults, ServiceLookup } from '../../engine.ts';
import type { InterfaceAttachment } from '../../interface-attachment.ts';

export interface RunningEbpfModules {
  readonly attachments: () => readonly InterfaceAttachment[];
  /** Closes the engine and all below it. */
  readonly close: () => Promise<void>;
}

/** The eBPF engine on this host: it also tells where its programs are, and its end is the end of all that it runs on. */
export class RunningEbpfEngine implements Engine {
  readonly #engine: Engine;
  readonly #modules: RunningEbpfModules;
  #closed: Promise<void> | undefined;

  constructor(engine: Engine, modules: RunningEbpfModules) {
    this.#engine = engine;
    this.#modules = modules;
  }

  async info(): Promise<EngineInfo> {
    return { ...(await this.#engine.info()), attachments: this.#modules.attachments() };
  }

  execute(operations: readonly Operation[]): Promise<OperationOutcome[]> {
    return this.#engine.execute(operations);
  }

  snapshot(): Promise<TableSnapshot> {
    return this.#engine.snapshot();
  }

  service(id: ServiceId): Promise<ServiceLookup> {
    return this.#engine.service(id);
  }

  connections(): AsyncIterable<readonly ConnectionEntry[]> {
    return this.#engine.connections();
  }

  async purgeConnections(service: ServiceId, destination: DestinationId): Promise<number> {
    return (await this.#engine.purgeConnections?.(service, destination)) ?? 0;
  }

  async synchronisation(): Promise<SyncStatus> {
    return (await this.#engine.synchronisation?.()) ?? {};
  }

  faults(): Promise<ServiceFaults> {
    return this.#engine.faults();
  }

  /** At once: the kernel goes on balancing, and the next director takes the table over. */
  close(): Promise<void> {
    this.#closed ??= this.#modules.close();
    return this.#closed;
  }
}
