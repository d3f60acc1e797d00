import type { ConnectionEntry } from '../../model/connection.ts';
import type { DestinationId } from '../../model/destination.ts';
import { ViprError } from '../../model/error.ts';
import type { Operation } from '../../model/operation.ts';
import type { ServiceId } from '../../model/service.ts';
import type { SyncStatus } from '../../model/sync-status.ts';
import type { TableSnapshot } from '../../model/table.ts';
import type { Engine, EngineInfo, OperationOutcome, ServiceFaults, ServiceLookup } from '../engine.ts';
import { EBPF_CAPABILITIES } from './capability.ts';
import type { DataPlane } from './data-plane.ts';
import { ftpFaults } from './ftp-faults.ts';
import type { SettingsMap } from './lifecycle/settings-map.ts';
import { DEFAULT_SYSCTLS, type Sysctls } from './lifecycle/sysctl.ts';
import type { SyncDataPlane } from './sync/ebpf-sync-table.ts';
import { Synchronisation } from './sync/synchronisation.ts';
import { EbpfTable, type EbpfTableModules } from './table/ebpf-table.ts';

/** IPVS's interface version, for the heads of lists. */
const IPVS_VERSION = '1.2.1';
const TICK_MS = 1000;

export interface EbpfEngineModules extends Omit<EbpfTableModules, 'dataPlane' | 'settings'> {
  readonly dataPlane: DataPlane;
  readonly settings: Pick<SettingsMap, 'read' | 'change' | 'setFlag'>;
  readonly syncDataPlane: SyncDataPlane;
  /** IPVS's defaults unless given. */
  readonly sysctls?: Sysctls;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  /** What happens to the synchronisation daemons, a line each. */
  readonly info?: (text: string) => void;
  readonly warn?: (text: string) => void;
  /** Hears of a failure outside of any request: the engine is of no use then. */
  readonly failed?: (error: ViprError) => void;
}

/** vipr's own data plane in the kernel: the table in BPF maps, packets by BPF programs. */
export class EbpfEngine implements Engine {
  readonly #modules: EbpfEngineModules;
  readonly #table: EbpfTable;
  readonly #synchronisation: Synchronisation;
  readonly #ticking: NodeJS.Timeout;
  #failure: ViprError | undefined;
  #closed: Promise<void> | undefined;

  /** Takes over the table that the maps hold. */
  constructor(modules: EbpfEngineModules) {
    this.#modules = modules;
    this.#table = new EbpfTable(modules);
    const { sysctls = DEFAULT_SYSCTLS, info = ignore, warn = ignore } = modules;
    this.#synchronisation = new Synchronisation({ ...modules, sysctls, info, warn, table: this.#table });
    this.#ticking = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  info(): Promise<EngineInfo> {
    return Promise.resolve({
      name: 'ebpf',
      version: IPVS_VERSION,
      connectionTableSize: this.#modules.maps.connections4.maxEntries,
      capabilities: EBPF_CAPABILITIES,
    });
  }

  async execute(operations: readonly Operation[]): Promise<OperationOutcome[]> {
    const outcomes = this.#guarded(() => this.#table.execute(operations));
    await this.#synchronisation.executed(operations.filter((_, index) => outcomes[index] === undefined));
    return outcomes;
  }

  async snapshot(): Promise<TableSnapshot> {
    return this.#guarded(() => this.#table.snapshot());
  }

  async service(id: ServiceId): Promise<ServiceLookup> {
    return this.#guarded(() => this.#table.service(id));
  }

  async *connections(): AsyncIterable<readonly ConnectionEntry[]> {
    const pages = this.#table.connections();
    for (;;) {
      const page = this.#guarded(() => pages.next());
      if (page.done) return;
      yield page.value;
      // A table of millions must not keep others waiting.
      await new Promise((resolve) => void setImmediate(resolve));
    }
  }

  /** Entries count as absent when this resolves; counts follow with the sweep, which comes every second. */
  async purgeConnections(service: ServiceId, destination: DestinationId): Promise<number> {
    const pages = this.#table.purge(service, destination);
    let ended = 0;
    for (;;) {
      const page = this.#guarded(() => pages.next());
      if (page.done) return ended;
      ended += page.value;
      // A table of millions must not keep others waiting.
      await new Promise((resolve) => void setImmediate(resolve));
    }
  }

  /** Packets come to every address that is routed here; what is at fault is FTP. */
  async faults(): Promise<ServiceFaults> {
    return ftpFaults((await this.snapshot()).services);
  }

  async synchronisation(): Promise<SyncStatus> {
    return this.#guarded(() => this.#synchronisation.status());
  }

  /** Lets go at once, and ends the synchronisation daemons: the kernel carries packets on, and the next process takes the table over. */
  async close(): Promise<void> {
    this.#closed ??= this.#leave();
    await this.#closed;
  }

  #tick(): void {
    try {
      this.#guarded(() => this.#table.tick());
    } catch {
      // The owner has heard of it.
    }
  }

  /** Once the maps could not be written nothing is certain: every request fails from then on. */
  #guarded<T>(work: () => T): T {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closed !== undefined) throw closedError();
    try {
      return work();
    } catch (error) {
      this.#failure = asFailure(error);
      clearInterval(this.#ticking);
      this.#modules.failed?.(this.#failure);
      throw this.#failure;
    }
  }

  async #leave(): Promise<void> {
    clearInterval(this.#ticking);
    await this.#synchronisation.close();
    this.#table.close();
    await this.#modules.dataPlane.close();
  }
}

function asFailure(error: unknown): ViprError {
  if (error instanceof ViprError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new ViprError('ENGINE_FAILED', `the eBPF engine failed: ${reason}`, {
    cause: error,
    hint: 'Start the director again: it takes the table over from the maps.',
  });
}

function ignore(): void {
  // Nobody listens.
}

function closedError(): ViprError {
  return new ViprError('ENGINE_FAILED', 'the eBPF engine was closed', { hint: 'Start the director again.' });
}
