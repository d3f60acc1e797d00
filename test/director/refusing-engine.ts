import type { Engine, OperationOutcome } from '../../src/engines/engine.ts';
import { type DestinationId, destinationKey } from '../../src/model/destination.ts';
import { ViprError } from '../../src/model/error.ts';
import type { Operation } from '../../src/model/operation.ts';
import { type ServiceId, serviceKey } from '../../src/model/service.ts';
import type { TableSnapshot } from '../../src/model/table.ts';

/** An engine that refuses one operation, by its number from 0 on, and carries all others out. */
export class RefusingEngine implements Engine {
  readonly inner: Engine;
  /** Counted down by each operation; 0 is refused. */
  refusesIn = Number.POSITIVE_INFINITY;

  constructor(inner: Engine) {
    this.inner = inner;
  }

  info: Engine['info'] = () => this.inner.info();
  service: Engine['service'] = (id) => this.inner.service(id);
  connections: Engine['connections'] = () => this.inner.connections();
  faults: Engine['faults'] = () => this.inner.faults();
  /** `tcp 192.0.2.10:80 -> 10.0.0.11:80` for each destination whose connections were to end. */
  readonly purged: string[] = [];
  readonly executed: Operation[] = [];
  snapshots = 0;
  close: Engine['close'] = (drain) => this.inner.close(drain);

  snapshot(): Promise<TableSnapshot> {
    this.snapshots += 1;
    return this.inner.snapshot();
  }

  async purgeConnections(service: ServiceId, destination: DestinationId): Promise<number> {
    this.purged.push(`${serviceKey(service)} -> ${destinationKey(destination)}`);
    return (await this.inner.purgeConnections?.(service, destination)) ?? 0;
  }

  async execute(operations: readonly Operation[]): Promise<OperationOutcome[]> {
    const outcomes: OperationOutcome[] = [];
    for (const operation of operations) {
      const refused = this.refusesIn === 0;
      this.refusesIn -= 1;
      this.executed.push(operation);
      outcomes.push(refused ? REFUSAL : (await this.inner.execute([operation]))[0]);
    }
    return outcomes;
  }
}

const REFUSAL = new ViprError('ENGINE_FAILED', 'not this one', { hint: 'Try again.' });
