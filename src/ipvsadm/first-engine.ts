import type {
  Engine,
  EngineInfo,
  OperationOutcome,
  ServiceFaults,
  ServiceLookup,
  ServiceOverview,
} from '../engines/engine.ts';
import type { ConnectionEntry } from '../model/connection.ts';
import { ViprError } from '../model/error.ts';
import type { Operation } from '../model/operation.ts';
import type { ServiceId } from '../model/service.ts';
import type { TableSnapshot } from '../model/table.ts';
import { isUnreachable } from './unreachable.ts';

/** Opens an engine; it may reject, or the engine at its first request, with an error that says that there is none. */
export type OpenEngine = () => Promise<Engine>;

/**
 * The first of several engines that answers: found out by the first request, so that no request is made just to find out.
 * Where none answers, the error says what kept each.
 */
export class FirstEngine implements Engine {
  readonly #candidates: readonly OpenEngine[];
  readonly #failures: ViprError[] = [];
  #opened: Promise<Engine> | undefined;

  constructor(candidates: readonly OpenEngine[]) {
    this.#candidates = candidates;
  }

  info(): Promise<EngineInfo> {
    return this.#ask((engine) => engine.info());
  }

  execute(operations: readonly Operation[]): Promise<OperationOutcome[]> {
    return this.#ask((engine) => engine.execute(operations));
  }

  snapshot(): Promise<TableSnapshot> {
    return this.#ask((engine) => engine.snapshot());
  }

  overview(): Promise<readonly ServiceOverview[]> {
    return this.#ask(async (engine) => engine.overview?.() ?? (await engine.snapshot()).services);
  }

  service(id: ServiceId): Promise<ServiceLookup> {
    return this.#ask((engine) => engine.service(id));
  }

  async *connections(): AsyncIterable<readonly ConnectionEntry[]> {
    await this.info();
    yield* (await this.#open()).connections();
  }

  faults(): Promise<ServiceFaults> {
    return this.#ask((engine) => engine.faults());
  }

  async close(drainMilliseconds: number): Promise<void> {
    const engine = await this.#opened?.catch(() => undefined);
    await engine?.close(drainMilliseconds);
  }

  #open(): Promise<Engine> {
    this.#opened ??= this.#candidates[this.#failures.length]?.() ?? Promise.reject(this.#verdict());
    return this.#opened;
  }

  async #ask<T>(request: (engine: Engine) => Promise<T>): Promise<T> {
    const opened = this.#open();
    try {
      return await request(await opened);
    } catch (error) {
      if (!(error instanceof ViprError) || !isUnreachable(error)) throw error;
      // Of several requests at once, the first that fails goes on to the next engine.
      if (this.#opened === opened && this.#failures.length < this.#candidates.length) {
        this.#failures.push(error);
        this.#opened = undefined;
      }
      if (this.#failures.length === this.#candidates.length) throw this.#verdict();
      return this.#ask(request);
    }
  }

  #verdict(): ViprError {
    const failures = this.#failures.toSorted((one, other) => rank(one) - rank(other));
    const [decisive] = failures;
    if (decisive === undefined) throw new RangeError('there is no engine to ask');
    const hint = failures.flatMap((failure) => failure.hint ?? []).join(' Or: ');
    return new ViprError(
      decisive.code,
      failures.map(({ message }) => message.replace(/\.$/, '')).join('; '),
      {
        cause: decisive,
        ...(hint !== '' && { hint }),
        ...(decisive.errno !== undefined && { errno: decisive.errno }),
      },
    );
  }
}

/** What the kernel says weighs more than that there is no director. */
function rank({ code }: ViprError): number {
  return code === 'DIRECTOR_NOT_RUNNING' ? 1 : 0;
}
