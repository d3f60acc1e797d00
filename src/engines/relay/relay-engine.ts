import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { ConnectionEntry } from '../../model/connection.ts';
import type { DestinationId } from '../../model/destination.ts';
import { ViprError } from '../../model/error.ts';
import type { Operation } from '../../model/operation.ts';
import type { ServiceId } from '../../model/service.ts';
import type { TableSnapshot } from '../../model/table.ts';
import { closeDoorbell, openDoorbell, ringDoorbell } from '../../system/doorbell.ts';
import type { Engine, EngineInfo, OperationOutcome, ServiceFaults, ServiceLookup } from '../engine.ts';
import type { BalancerOptions } from './balancer/balancer-loop.ts';
import { RELAY_CAPABILITIES } from './capability.ts';
import {
  type BalancerMessage,
  CONTROL_PENDING,
  type ControlAnswers,
  type ControlRequest,
  fromPlainError,
} from './channel/control.ts';
import { createRingMemory } from './channel/ring.ts';
import { createSharedMemory } from './channel/shared-memory.ts';
import type { PumpOptions } from './pump/pump.ts';

/** Messages that may wait between two threads before the sender keeps them itself. */
const RING_MESSAGES = 2 ** 14;
/** IPVS's interface version, for the heads of lists. */
const IPVS_VERSION = '1.2.1';
/** As IPVS's default (ip_vs_conn.c, ip_vs_conn_tab_bits): only for the heads of lists, the relay's table grows. */
const CONNECTION_TABLE_SIZE = 4096;

/** All optional; the defaults suit a host that does nothing else. */
export interface RelayOptions {
  /** Threads that move bytes; as many as the machine has cores where absent. */
  readonly workers?: number;
  /** Whether a connection that its destination refuses goes to another one before the client hears of it; yes where absent. */
  readonly retryRefused?: boolean;
  /** Seconds that a destination has to accept before it counts as refusing; 5 where absent. */
  readonly connectTimeout?: number;
  /** Hears what an operator should know, such as a limit that was reached. */
  readonly warn?: (text: string) => void;
  /** Hears of the failure of a thread: the engine is of no use then. */
  readonly failed?: (error: ViprError) => void;
}

/**
 * The relay: TCP and UDP forwarded in userspace by a balancer thread that decides and pump threads that move bytes. Needs
 * Linux and no privileges.
 */
export class RelayEngine implements Engine {
  readonly #options: RelayOptions;
  readonly #threads: Worker[] = [];
  readonly #exits: Promise<void>[] = [];
  readonly #doorbells: number[] = [];
  readonly #control = new Int32Array(new SharedArrayBuffer(4));
  readonly #waiting = new Map<
    number,
    { readonly resolve: (answer: never) => void; readonly reject: (error: ViprError) => void }
  >();
  #balancer: Worker | undefined;
  #nextNumber = 0;
  #failure: ViprError | undefined;
  #closed: Promise<void> | undefined;
  /** Open files that the process may have; each TCP connection needs two. */
  descriptorLimit = 0;

  private constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** Rejects with OUT_OF_RANGE for a number of workers that is none, and with ENGINE_FAILED where threads cannot start. */
  static async start(options: RelayOptions = {}): Promise<RelayEngine> {
    const workers = options.workers ?? availableParallelism();
    if (!Number.isInteger(workers) || workers < 1) throw noWorkers(workers);
    const engine = new RelayEngine(options);
    try {
      await engine.#start(workers);
      return engine;
    } catch (error) {
      engine.#fail('main', error);
      await engine.close(0);
      throw engine.#failure ?? error;
    }
  }

  info(): Promise<EngineInfo> {
    return Promise.resolve({
      name: 'relay',
      version: IPVS_VERSION,
      connectionTableSize: CONNECTION_TABLE_SIZE,
      capabilities: RELAY_CAPABILITIES,
    });
  }

  async execute(operations: readonly Operation[]): Promise<OperationOutcome[]> {
    const outcomes = await this.#ask({ kind: 'execute', operations });
    return outcomes.map((outcome) => (outcome === undefined ? undefined : fromPlainError(outcome)));
  }

  snapshot(): Promise<TableSnapshot> {
    return this.#ask({ kind: 'snapshot' });
  }

  service(id: ServiceId): Promise<ServiceLookup> {
    return this.#ask({ kind: 'service', id });
  }

  async *connections(): AsyncIterable<readonly ConnectionEntry[]> {
    let from: number | undefined = 0;
    while (from !== undefined) {
      const page: ControlAnswers['connections'] = await this.#ask({ kind: 'connections', from });
      if (page.entries.length > 0) yield page.entries;
      from = page.next;
    }
  }

  /** Connections are reset, and UDP flows forgotten. */
  purgeConnections(service: ServiceId, destination: DestinationId): Promise<number> {
    return this.#ask({ kind: 'purge', service, destination });
  }

  /** A service whose sockets cannot be opened is refused, so none in the table has a fault. */
  faults(): Promise<ServiceFaults> {
    return Promise.resolve(new Map());
  }

  async close(drainMilliseconds: number): Promise<void> {
    if (this.#failure === undefined) {
      const first = this.#closed === undefined;
      const closing = this.#ask({ kind: 'close', drainMilliseconds }).catch(ignoreWhenClosed);
      if (first) this.#closed = closing.then(() => this.#leave());
    } else {
      this.#closed ??= this.#leave();
    }
    await this.#closed;
  }

  async #start(pumps: number): Promise<void> {
    const memory = createSharedMemory(pumps);
    const balancerDoorbell = this.#openDoorbell();
    const links = Array.from({ length: pumps }, () => ({
      toPump: createRingMemory(RING_MESSAGES),
      fromPump: createRingMemory(RING_MESSAGES),
      doorbell: this.#openDoorbell(),
    }));
    links.forEach((link, number) => {
      const options: PumpOptions = {
        number,
        memory,
        fromBalancer: link.toPump,
        toBalancer: link.fromPump,
        doorbell: link.doorbell,
        balancerDoorbell,
      };
      this.#thread('pump', options);
    });
    const options: BalancerOptions = {
      memory,
      control: this.#control.buffer as SharedArrayBuffer,
      doorbell: balancerDoorbell,
      pumps: links,
      retryRefused: this.#options.retryRefused ?? true,
      connectTimeout: this.#options.connectTimeout ?? 5,
    };
    const balancer = this.#thread('balancer', options);
    this.#balancer = balancer;
    balancer.on('message', (message: BalancerMessage) => this.#receive(message));
    await Promise.all(this.#threads.map(isReady));
  }

  #openDoorbell(): number {
    const fd = openDoorbell();
    this.#doorbells.push(fd);
    return fd;
  }

  #thread(name: 'balancer' | 'pump', options: BalancerOptions | PumpOptions): Worker {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const thread = new Worker(new URL(`./${name}-thread.${extension}`, import.meta.url), {
      workerData: options,
      name: `vipr-${name}`,
    });
    thread.on('error', (error) => this.#fail(name, error));
    this.#threads.push(thread);
    this.#exits.push(new Promise((resolve) => void thread.once('exit', () => resolve())));
    return thread;
  }

  #receive(message: BalancerMessage): void {
    switch (message.kind) {
      case 'ready':
        this.descriptorLimit = message.descriptorLimit;
        break;
      case 'answer':
        this.#waiting.get(message.number)?.resolve(message.answer as never);
        this.#waiting.delete(message.number);
        break;
      case 'warning':
        this.#options.warn?.(message.text);
        break;
      default:
        message satisfies never;
    }
  }

  #ask<Kind extends ControlRequest['kind']>(
    request: Extract<ControlRequest, { kind: Kind }>,
  ): Promise<ControlAnswers[Kind]> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#closed !== undefined && this.#balancer === undefined) return Promise.reject(closedError());
    const number = this.#nextNumber++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      this.#balancer?.postMessage({ number, request });
      Atomics.store(this.#control, CONTROL_PENDING, 1);
      const [balancerDoorbell] = this.#doorbells;
      if (balancerDoorbell !== undefined) ringDoorbell(balancerDoorbell);
    });
  }

  #fail(name: string, cause: unknown): void {
    if (this.#failure !== undefined) return;
    const reason = cause instanceof Error ? cause.message : String(cause);
    this.#failure = new ViprError('ENGINE_FAILED', `the relay's ${name} thread failed: ${reason}`, {
      cause,
      hint: 'Start the director again, and report the error with its log.',
    });
    this.#rejectAll(this.#failure);
    this.#options.failed?.(this.#failure);
  }

  #rejectAll(error: ViprError): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  async #leave(): Promise<void> {
    this.#balancer = undefined;
    if (this.#failure !== undefined) for (const thread of this.#threads) void thread.terminate();
    await Promise.all(this.#exits);
    this.#rejectAll(closedError());
    for (const fd of this.#doorbells.splice(0)) closeDoorbell(fd);
  }
}

/** The first message of a thread says that it runs. */
function isReady(thread: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    thread.once('message', () => resolve());
    thread.once('error', reject);
  });
}

function noWorkers(workers: number): ViprError {
  return new ViprError('OUT_OF_RANGE', `the relay cannot work with ${workers} threads`, {
    hint: 'Give a whole number from 1 on, or none for as many as the machine has cores.',
  });
}

function closedError(): ViprError {
  return new ViprError('ENGINE_FAILED', 'the relay was closed', { hint: 'Start the director again.' });
}

function ignoreWhenClosed(error: unknown): void {
  if (!(error instanceof ViprError)) throw error;
}
