import { type DestinationId, destinationKey } from '../../../model/destination.ts';
import { type ServiceId, serviceKey } from '../../../model/service.ts';
import { findScheduler } from '../../../scheduling/registry.ts';
import { EMFILE } from '../../../system/constants.ts';
import type { Epoll } from '../../../system/epoll.ts';
import { HostEnvironment } from '../../table/environment.ts';
import { LiveTable } from '../../table/live-table.ts';
import { refuseUnsupported } from '../capability.ts';
import { type ControlAnswers, type ControlRequest, toPlainError } from '../channel/control.ts';
import { ToBalancer } from '../channel/message.ts';
import type { RingProducer } from '../channel/ring.ts';
import type { SharedMemory } from '../channel/shared-memory.ts';
import { connectionPage } from './connection-entries.ts';
import { Connections, type ConnectionsOptions } from './connections.ts';
import { DestinationRows } from './destination-rows.ts';
import { Listeners } from './listeners.ts';

/** Descriptors left to the rest of the process: logs, the control socket, the threads' own. */
const RESERVED_DESCRIPTORS = 128;
/** Room that must be there before a relay that was full lets clients in again. */
const RESUME_DESCRIPTORS = 32;
/** Time until another try where others than the relay use the descriptors. */
const RETRY_MS = 1000;

export interface BalancerModules {
  readonly epoll: Epoll;
  readonly pumps: readonly RingProducer[];
  readonly memory: SharedMemory;
  /** Open files that the process may have. */
  readonly descriptorLimit: number;
  /** Milliseconds on the monotonic clock, of the current round. */
  readonly now: () => number;
  readonly warn: (text: string) => void;
}

/**
 * Everything that the relay decides, in one thread: the table, who listens where, which destination a client gets, what
 * counts, and what expires. Pumps move the bytes.
 */
export class Balancer {
  readonly #modules: BalancerModules;
  readonly #table: LiveTable;
  readonly #rows: DestinationRows;
  readonly #connections: Connections;
  readonly #listeners: Listeners;
  #warnedOfDescriptors = false;
  #resumeAt = 0;

  constructor(options: ConnectionsOptions, modules: BalancerModules) {
    const { epoll, pumps, memory, now } = modules;
    this.#modules = modules;
    this.#rows = new DestinationRows(memory);
    this.#listeners = new Listeners(epoll, pumps);
    this.#connections = new Connections(options, {
      activity: new Uint32Array(memory.activity),
      pumps,
      timeouts: () => this.#table.timeouts,
      now,
    });
    this.#table = new LiveTable({
      environment: new HostEnvironment(),
      schedulers: findScheduler,
      modules: { now, random: Math.random },
      guard: refuseUnsupported,
      observer: {
        serviceAdded: (service) => this.#listeners.open(service),
        serviceEdited: (service) => this.#listeners.edit(service),
        serviceDeleted: (service) => this.#listeners.close(service),
        destinationAdded: (_service, destination) => this.#rows.add(destination),
        destinationEdited: (_service, destination) => this.#rows.write(destination),
        destinationDeleted: (_service, destination) => {
          this.#rows.leave(destination);
          this.#connections.dropDestination(destination);
        },
      },
    });
  }

  /** TCP connections that still run. */
  get openTcp(): number {
    return this.#connections.openTcp;
  }

  /** Answers what the engine asks; `close` is the loop's own. */
  answer(request: Exclude<ControlRequest, { kind: 'close' }>): ControlAnswers[ControlRequest['kind']] {
    switch (request.kind) {
      case 'execute':
        this.#rows.collect();
        return request.operations.map((operation) => {
          try {
            this.#table.execute(operation);
            if (operation.kind === 'set-timeouts') this.#connections.timeoutsChanged();
            return undefined;
          } catch (error) {
            return toPlainError(error);
          }
        });
      case 'snapshot':
        this.#rows.collect();
        return this.#table.snapshot();
      case 'service':
        this.#rows.collect();
        return this.#table.find(serviceKey(request.id))?.snapshot();
      case 'purge':
        return this.#purge(request.service, request.destination);
      case 'connections':
        return connectionPage(this.#connections, request.from);
      default:
        request satisfies never;
        throw new TypeError(`unknown request ${JSON.stringify(request)}`);
    }
  }

  /** Clients wait at the listener of that number. No more are let in than there are descriptors for both their sides. */
  accept(number: number): void {
    const room = Math.floor(this.#freeDescriptors / 2);
    const errno =
      room <= 0
        ? EMFILE
        : this.#listeners.accept(number, room, (service, fd, client) =>
            this.#connections.openTcpConnection(service, fd, client),
          );
    if (errno === 0) return;
    this.#listeners.pause();
    this.#resumeAt = room <= 0 ? 0 : this.#modules.now() + RETRY_MS;
    if (this.#warnedOfDescriptors) return;
    this.#warnedOfDescriptors = true;
    this.#modules.warn(
      `${this.#connections.openTcp} connections are open and no more can be (errno ${errno}): new clients wait. ` +
        `Raise the limit on open files (LimitNOFILE= or 'ulimit -n'); each connection needs two.`,
    );
  }

  /** Lets clients in again as soon as there is room for some. */
  resumeAccepting(): void {
    if (!this.#listeners.paused || this.#modules.now() < this.#resumeAt) return;
    if (this.#freeDescriptors >= RESUME_DESCRIPTORS) this.#listeners.resume();
  }

  /** Of a destination that was deleted, the deletion has ended the connections, and its templates count for nothing. */
  #purge(service: ServiceId, destination: DestinationId): number {
    const found = this.#table.find(serviceKey(service))?.find(destinationKey(destination));
    if (found === undefined) return 0;
    this.#connections.templates.drop(found);
    return this.#connections.dropDestination(found);
  }

  get #freeDescriptors(): number {
    const used = this.#connections.descriptors + this.#listeners.descriptors;
    return this.#modules.descriptorLimit - RESERVED_DESCRIPTORS - used;
  }

  /** A message of a pump. */
  receive(pump: number, words: Int32Array, at: number): void {
    const a = words[at + 1] ?? 0;
    const b = words[at + 2] ?? 0;
    switch (words[at]) {
      case ToBalancer.connected:
        this.#connections.connected(a);
        break;
      case ToBalancer.refused:
        this.#connections.refused(a);
        break;
      case ToBalancer.clientFinished:
        this.#connections.clientFinished(a);
        break;
      case ToBalancer.serverFinished:
        this.#connections.serverFinished(a);
        break;
      case ToBalancer.ended:
        this.#connections.ended(a, b === 1);
        break;
      case ToBalancer.answered:
        this.#connections.answered(a);
        break;
      case ToBalancer.scheduleUdp: {
        const port = words[at + 3] ?? 0;
        const word = (offset: number): number => (words[at + 4 + offset] ?? 0) >>> 0;
        // Without a descriptor to spare the datagrams are dropped, as those of a service that is gone.
        const service = this.#freeDescriptors > 0 ? this.#listeners.service(a) : undefined;
        this.#connections.openUdpFlow(service, pump, b, {
          words: [word(0), word(1), word(2), word(3)],
          inet6: (port & 0x10000) !== 0,
          port: port & 0xffff,
        });
        break;
      }
      default:
        throw new RangeError(`the balancer got an unknown message: ${words[at]}`);
    }
  }

  /** Once a second: expiry, rates, rows and listeners. */
  tick(): void {
    this.#connections.expire();
    this.#rows.collect();
    this.#table.tick(this.#modules.now());
    this.#rows.sweep();
  }

  stopListening(): void {
    this.#listeners.closeAll();
  }

  endAll(): void {
    this.#connections.endAll();
  }
}
