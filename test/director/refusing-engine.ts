import type { Engine, OperationOutcome } from '../../src/engines/engine.ts';
import { ViprError } from '../../src/model/error.ts';
import type { Operation } from '../../src/model/operation.ts';

/** An engine that refuses one operation, by its number from 0 on, and carries all others out. */
export class RefusingEngine implements Engine {
  readonly inner: Engine;
  /** Counted down by each operation; 0 is refused. */
  refusesIn = Number.POSITIVE_INFINITY;

  constructor(inner: Engine) {
    this.inner = inner;
  }

  info: Engine['info'] = () => this.inner.info();
  snapshot: Engine['snapshot'] = () => this.inner.snapshot();
  service: Engine['service'] = (id) => this.inner.service(id);
  connections: Engine['connections'] = () => this.inner.connections();
  faults: Engine['faults'] = () => this.inner.faults();
  close: Engine['close'] = (drain) => this.inner.close(drain);

  async execute(operations: readonly Operation[]): Promise<OperationOutcome[]> {
    const outcomes: OperationOutcome[] = [];
    for (const operation of operations) {
      const refused = this.refusesIn === 0;
      this.refusesIn -= 1;
      outcomes.push(refused ? REFUSAL : (await this.inner.execute([operation]))[0]);
    }
    return outcomes;
  }
}

const REFUSAL = new ViprError('ENGINE_FAILED', 'not this one', { hint: 'Try again.' });
