import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { monotonicMilliseconds } from '../../../system/clock.ts';
import { EPOLLET, EPOLLIN } from '../../../system/constants.ts';
import { ringDoorbell } from '../../../system/doorbell.ts';
import { Epoll } from '../../../system/epoll.ts';
import { raiseDescriptorLimit } from '../../../system/resource-limit.ts';
import { type BalancerMessage, CONTROL_PENDING, type ControlMessage } from '../channel/control.ts';
import { ToPump } from '../channel/message.ts';
import { RingConsumer, RingProducer } from '../channel/ring.ts';
import type { SharedMemory } from '../channel/shared-memory.ts';
import { Balancer } from './balancer.ts';
import type { ConnectionsOptions } from './connections.ts';

const EVENTS_A_ROUND = 256;
const MESSAGES_A_ROUND = 1024;
const TOKEN_DOORBELL = 0xffffffff;
const TICK_MS = 1000;

/** What the balancer thread is started with. */
export interface BalancerOptions extends ConnectionsOptions {
  readonly memory: SharedMemory;
  /** Int32 words shared with the engine, see {@link CONTROL_PENDING}. */
  readonly control: SharedArrayBuffer;
  readonly doorbell: number;
  /** A ring in each direction for each pump, with the eventfd that wakes the pump. */
  readonly pumps: readonly PumpLink[];
}

export interface PumpLink {
  readonly toPump: SharedArrayBuffer;
  readonly fromPump: SharedArrayBuffer;
  readonly doorbell: number;
}

/** The loop of the balancer thread. It returns when it was told to close and everything has ended. */
export function runBalancer(options: BalancerOptions): void {
  new BalancerLoop(options).run();
}

class BalancerLoop {
  readonly #control: Int32Array;
  readonly #epoll = new Epoll(EVENTS_A_ROUND);
  readonly #producers: readonly RingProducer[];
  readonly #consumers: readonly RingConsumer[];
  readonly #balancer: Balancer;
  readonly #descriptorLimit = raiseDescriptorLimit();
  #now = monotonicMilliseconds();
  #nextTick = this.#now + TICK_MS;
  /** The requests to close that wait for an answer, and when the waiting ends. */
  readonly #closing: number[] = [];
  #deadline = Number.POSITIVE_INFINITY;

  constructor(options: BalancerOptions) {
    this.#control = new Int32Array(options.control);
    this.#producers = options.pumps.map(
      ({ toPump, doorbell }) => new RingProducer(toPump, () => ringDoorbell(doorbell)),
    );
    this.#consumers = options.pumps.map(({ fromPump }) => new RingConsumer(fromPump));
    this.#epoll.add(options.doorbell, EPOLLIN | EPOLLET, TOKEN_DOORBELL);
    this.#balancer = new Balancer(options, {
      epoll: this.#epoll,
      pumps: this.#producers,
      memory: options.memory,
      descriptorLimit: this.#descriptorLimit,
      now: () => this.#now,
      warn: (text) => post({ kind: 'warning', text }),
    });
  }

  run(): void {
    post({ kind: 'ready', descriptorLimit: this.#descriptorLimit });
    while (!this.#mayLeave()) {
      const count = this.#epoll.wait(this.#prepareSleep() ? Math.max(1, this.#nextTick - this.#now) : 0);
      for (const consumer of this.#consumers) consumer.wake();
      this.#now = monotonicMilliseconds();
      for (let at = 0; at < count; at++) {
        const token = this.#epoll.token(at);
        if (token !== TOKEN_DOORBELL) this.#balancer.accept(token);
      }
      this.#consumers.forEach((consumer, pump) => {
        consumer.drain((words, at) => this.#balancer.receive(pump, words, at), MESSAGES_A_ROUND);
      });
      this.#balancer.resumeAccepting();
      if (Atomics.exchange(this.#control, CONTROL_PENDING, 0) !== 0) this.#answerAll();
      if (this.#now >= this.#nextTick) {
        this.#nextTick = this.#now + TICK_MS;
        this.#balancer.tick();
      }
      for (const producer of this.#producers) producer.flush();
    }
    this.#leave();
  }

  /** Whether nothing waits: with every ring announced as asleep, a message rings the doorbell. */
  #prepareSleep(): boolean {
    if (Atomics.load(this.#control, CONTROL_PENDING) !== 0) return false;
    if (this.#producers.some((producer) => producer.congested)) return false;
    return this.#consumers.every((consumer) => consumer.prepareSleep());
  }

  #answerAll(): void {
    if (parentPort === null) return;
    for (;;) {
      const received = receiveMessageOnPort(parentPort);
      if (received === undefined) return;
      const { number, request } = received.message as ControlMessage;
      if (request.kind === 'close') {
        this.#balancer.stopListening();
        this.#closing.push(number);
        this.#deadline = Math.min(this.#deadline, this.#now + request.drainMilliseconds);
        this.#nextTick = Math.min(this.#nextTick, this.#deadline);
      } else {
        post({ kind: 'answer', number, answer: this.#balancer.answer(request) });
      }
    }
  }

  #mayLeave(): boolean {
    return this.#closing.length > 0 && (this.#balancer.openTcp === 0 || this.#now >= this.#deadline);
  }

  #leave(): void {
    const cut = this.#balancer.openTcp;
    this.#balancer.endAll();
    for (const producer of this.#producers) {
      producer.push(ToPump.stop);
      while (producer.congested) producer.flush();
      producer.flush();
    }
    this.#epoll.close();
    for (const number of this.#closing) post({ kind: 'answer', number, answer: { cut } });
  }
}

function post(message: BalancerMessage): void {
  parentPort?.postMessage(message);
}
